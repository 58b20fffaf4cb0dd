using System.Security.Cryptography;
using System.Text;

namespace WickrGateway.Wickr;

/// <summary>A session of a role. Requests with the same key share it.</summary>
/// <param name="Location">Whose region's STS is asked.</param>
/// <param name="SourceIdentity">Null to set none.</param>
internal sealed record RoleSessionKey(RoleOptions Role, WickrLocation Location, string SessionName, string? SourceIdentity)
{
    private const string GatewayName = "wickr-gateway";
    private const int MinNameLength = 2;
    private const int MaxNameLength = 64;

    /// <summary>In bytes; 64 bits, so that two callers' names do not meet.</summary>
    private const int SuffixLength = 8;

    public static RoleSessionKey Create(RoleOptions role, WickrLocation location, Attribution attribution, string callerName)
    {
        if (attribution == Attribution.None)
            return new RoleSessionKey(role, location, GatewayName, SourceIdentity: null);

        var name = ToSessionName(callerName);
        return new RoleSessionKey(role, location, name, attribution == Attribution.SourceIdentity ? name : null);
    }

    /// <summary>
    /// A caller's name in STS's alphabet. It depends on the name alone, so every replica has the same. A name that fits stays as it is; another
    /// one gets a part of its hash, so that two that differ only in what STS does not know stay different.
    /// </summary>
    public static string ToSessionName(string callerName)
    {
        if (callerName.Length is >= MinNameLength and <= MaxNameLength && callerName.All(IsAllowed))
            return callerName;

        var suffix = $"-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(callerName)), 0, SuffixLength)}";
        var name = string.Concat(callerName.Select(character => IsAllowed(character) ? character : '-'));
        return $"{name[..Math.Min(name.Length, MaxNameLength - suffix.Length)]}{suffix}";
    }

    /// <summary><c>[\w+=,.@-]</c> in ASCII (STS API reference, AssumeRole).</summary>
    private static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '+' or '=' or ',' or '.' or '@' or '-';
}
