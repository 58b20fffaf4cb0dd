using System.Text.RegularExpressions;
using WickrGateway.Configuration;

namespace WickrGateway.Wickr;

/// <summary>A role that the gateway assumes before it calls Wickr.</summary>
/// <param name="ExternalId">What the role's trust policy asks for (IAM user guide, confused deputy); from the settings only, never from a request.</param>
internal sealed partial record RoleOptions(string Arn, string? ExternalId)
{
    /// <summary>The role of a network, each part inherited by itself.</summary>
    /// <param name="section">Such as <c>Wickr:Networks:12345678</c>, or <c>Wickr</c> for all others.</param>
    public static RoleOptions? Read(SettingsReader settings, string section)
    {
        var arn = Read(settings, section, "RoleArn", RoleArn(), "must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/wickr-suspend");
        var externalId = Read(settings, section, "ExternalId", ExternalIdPattern(), "must be 2 to 1224 characters of a-z A-Z 0-9 _ + = , . @ : / -");
        if (arn is null && externalId is not null)
            settings.AddError($"{section}:ExternalId", "is for a role, but there is no RoleArn");

        return arn is null ? null : new RoleOptions(arn, externalId);
    }

    private static string? Read(SettingsReader settings, string section, string name, Regex pattern, string rule)
    {
        var key = $"{section}:{name}";
        var inherited = $"Wickr:{name}";
        var value = settings.GetString(key) ?? settings.GetString(inherited);
        if (value is not null && !pattern.IsMatch(value))
            settings.AddError(settings.GetString(key) is null ? inherited : key, rule);

        return value;
    }

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"\A[A-Za-z0-9_+=,.@:/-]{2,1224}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExternalIdPattern();
}
