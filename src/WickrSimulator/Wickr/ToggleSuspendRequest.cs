using System.Text.Json;
using WickrSimulator.Aws;
using WickrSimulator.Signing;

namespace WickrSimulator.Wickr;

/// <summary>A BatchToggleUserSuspendStatus request as it was sent. A field that is missing or unreadable is null until <see cref="Validate"/> reports it.</summary>
internal sealed record ToggleSuspendRequest(string NetworkId, bool? Suspend, IReadOnlyList<string>? UserIds, string? ClientToken)
{
    /// <summary>Null until the signature has been verified.</summary>
    public Signer? Signer { get; init; }

    /// <summary>Null unless the method and path are the operation's.</summary>
    public static ToggleSuspendRequest? Read(SignedRequest request)
    {
        if (request.Method != HttpMethods.Patch || request.Path.Split('/') is not ["", "networks", { Length: > 0 } networkId, "users", "toggleSuspend"])
            return null;

        return new ToggleSuspendRequest(Uri.UnescapeDataString(networkId), ReadSuspend(request.Query), ReadUserIds(request.Body), request.Header("x-client-token"));
    }

    /// <summary>All invalid fields at once, as Wickr reports them.</summary>
    public IReadOnlyList<FieldReason> Validate()
    {
        var reasons = new List<FieldReason>();
        if (!WickrRules.IsNetworkId(NetworkId))
            reasons.Add(new("networkId", "must be exactly 8 digits"));

        if (Suspend is null)
            reasons.Add(new("suspend", "must be true or false"));

        if (UserIds is null)
            reasons.Add(new("userIds", "must be an array of strings"));
        else if (UserIds.Count is 0 or > WickrRules.MaxUserIds)
            reasons.Add(new("userIds", $"must have 1 to {WickrRules.MaxUserIds} elements"));

        for (var i = 0; i < UserIds?.Count; i++)
        {
            if (!WickrRules.IsUserId(UserIds[i]))
                reasons.Add(new($"userIds[{i}]", "must be 1 to 10 digits"));
        }

        if (ClientToken is not null && !WickrRules.IsClientToken(ClientToken))
            reasons.Add(new("clientToken", "must be 1 to 64 characters of a-z A-Z 0-9 - _ :"));

        return reasons;
    }

    /// <summary>Identifies the change: two requests with the same client token must have the same fingerprint.</summary>
    public string Fingerprint() => $"{NetworkId} {Suspend} {string.Join(',', UserIds ?? [])}";

    private static bool? ReadSuspend(string query)
    {
        var values = query.Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair[0] == "suspend").ToArray();
        return values is [[_, var value]] ? value switch { "true" => true, "false" => false, _ => null } : null;
    }

    private static List<string>? ReadUserIds(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("userIds", out var ids)
                && ids.ValueKind == JsonValueKind.Array
                && ids.EnumerateArray().All(id => id.ValueKind == JsonValueKind.String)
                    ? [.. ids.EnumerateArray().Select(id => id.GetString()!)]
                    : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
