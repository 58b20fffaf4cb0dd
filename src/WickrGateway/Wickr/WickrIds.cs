using System.Buffers;

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

    private static readonly SearchValues<char> ClientTokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:");

    public static bool IsNetworkId(string value) => value.Length == NetworkIdLength && HasOnlyDigits(value);

    public static bool IsUserId(string value) => value.Length is >= 1 and <= MaxUserIdLength && HasOnlyDigits(value);

    public static bool IsClientToken(string value) => value.Length is >= 1 and <= MaxClientTokenLength && !value.ContainsAnyExcept(ClientTokenCharacters);

    private static bool HasOnlyDigits(string value) => !value.ContainsAnyExceptInRange('0', '9');
}
