using System.Text.RegularExpressions;

namespace WickrSimulator.Sts;

/// <summary>A role that may be assumed.</summary>
/// <param name="ExternalId">What AssumeRole must send; null for none.</param>
/// <param name="Networks">The networks that only sessions of this role, and of others that name them, may use.</param>
internal sealed partial record Role(string Arn, string Account, string Name, string? ExternalId, IReadOnlyList<string> Networks)
{
    /// <summary>Null when the ARN is not one of a role.</summary>
    public static Role? Parse(string arn, string? externalId, IReadOnlyList<string> networks) =>
        Pattern().Match(arn) is { Success: true } match ? new Role(arn, match.Groups["account"].Value, match.Groups["name"].Value, externalId, networks) : null;

    /// <summary>The ARN of a session, as CloudTrail has it.</summary>
    public string SessionArn(string sessionName) => $"{Arn[..Arn.IndexOf(":iam:", StringComparison.Ordinal)]}:sts::{Account}:assumed-role/{Name}/{sessionName}";

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::(?<account>[0-9]{12}):role/([A-Za-z0-9_+=,.@-]+/)*(?<name>[A-Za-z0-9_+=,.@-]+)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();
}
