using System.Globalization;
using System.Text;

namespace WickrGateway.SuspendStatus;

/// <summary>
/// Wickr's rules for the members of a call (Wickr Admin API 2024-02-01). They look at characters one by one: a regular expression's
/// <c>\d</c> takes other scripts' digits and its <c>$</c> a newline at the end.
/// </summary>
internal static class SuspendStatusRules
{
    public const int NetworkIdLength = 8;
    public const int MaxUserIdLength = 10;
    public const int MaxUserIds = 50;
    public const int MaxClientTokenLength = 64;
    public const int MaxAuditReasonLength = 200;

    public static bool IsNetworkId(string value) => value.Length == NetworkIdLength && value.All(char.IsAsciiDigit);

    public static bool IsUserId(string value) => value.Length is >= 1 and <= MaxUserIdLength && value.All(char.IsAsciiDigit);

    public static bool IsClientToken(string value) =>
        value.Length is >= 1 and <= MaxClientTokenLength && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or ':');

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
