using System.Globalization;
using System.Text;

namespace WickrGateway.SuspendStatus;

/// <summary>The gateway's own rules for a request; Wickr's are in <see cref="Wickr.WickrIds"/>.</summary>
internal static class SuspendStatusRules
{
    public const int MaxReasonLength = 200;

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>
    /// 1 to 200 characters (code points) that an auditor can read: no control, private-use or unassigned ones, no line or paragraph separators,
    /// and of the format characters only the joiners, which Persian, Indic scripts and emoji need.
    /// </summary>
    public static bool IsReason(string value)
    {
        var length = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            length++;
            if (!IsPrintable(rune))
                return false;
        }

        return length is >= 1 and <= MaxReasonLength;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format => rune.Value is ZeroWidthJoiner or ZeroWidthNonJoiner,
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        _ => true,
    };
}
