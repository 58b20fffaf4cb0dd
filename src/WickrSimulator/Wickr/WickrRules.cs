namespace WickrSimulator.Wickr;

/// <summary>The constraints of Wickr's model (Wickr Admin API 2024-02-01).</summary>
internal static class WickrRules
{
    public const int MaxUserIds = 50;

    public static bool IsNetworkId(string value) => value.Length == 8 && value.All(char.IsAsciiDigit);

    public static bool IsUserId(string value) => value.Length is >= 1 and <= 10 && value.All(char.IsAsciiDigit);

    public static bool IsClientToken(string value) =>
        value.Length is >= 1 and <= 64 && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or ':');
}
