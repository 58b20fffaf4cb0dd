namespace WickrGateway.Wickr;

/// <summary>
/// The rules for ids and tokens in the Wickr Admin API (version 2024-02-01). They check characters one by one because a regular
/// expression's <c>\d</c> accepts digits of other scripts and its <c>$</c> accepts a trailing newline.
/// </summary>
internal static class WickrIds
{
    public const int NetworkIdLength = 8;
    public const int MaxUserIdLength = 10;
    public const int MaxUserIds = 50;
    public const int MaxClientTokenLength = 64;

    public static bool IsNetworkId(string value) => value.Length == NetworkIdLength && value.All(char.IsAsciiDigit);

    public static bool IsUserId(string value) => value.Length is >= 1 and <= MaxUserIdLength && value.All(char.IsAsciiDigit);

    public static bool IsClientToken(string value) =>
        value.Length is >= 1 and <= MaxClientTokenLength && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or ':');
}
