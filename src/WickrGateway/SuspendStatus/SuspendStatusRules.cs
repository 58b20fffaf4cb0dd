using System.Globalization;
using System.Text;

namespace WickrGateway.SuspendStatus;

/// <summary>The gateway's own rule for the audit reason. The rules for Wickr's ids are in <see cref="Wickr.WickrIds"/>.</summary>
internal static class SuspendStatusRules
{
    public const int MaxAuditReasonLength = 200;

    /// <summary>1 to 200 characters that a reader of the audit can see: no control, format, separator (but for the space) or private ones.</summary>
    public static bool IsAuditReason(string value)
    {
        var length = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            length++;
            if (!IsPrintable(rune))
                return false;
        }

        return length is >= 1 and <= MaxAuditReasonLength;
    }

    private static bool IsPrintable(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
