using System.Text.Json;

namespace WickrSimulator.Wickr;

/// <summary>A BatchToggleUserSuspendStatus as it was asked, as far as it can be read; what is missing or wrong is null until it is judged.</summary>
internal sealed record ToggleSuspendRequest(string NetworkId, bool? Suspend, IReadOnlyList<string>? UserIds, string? ClientToken)
{
    /// <summary>Null unless the method and path are the operation's.</summary>
    public static ToggleSuspendRequest? Read(Signing.SignedRequest request)
    {
        if (request.Method != HttpMethods.Patch || request.Path.Split('/') is not ["", "networks", { Length: > 0 } networkId, "users", "toggleSuspend"])
            return null;

        return new ToggleSuspendRequest(Uri.UnescapeDataString(networkId), ReadSuspend(request.Query), ReadUserIds(request.Body), request.Header("x-client-token"));
    }

    /// <summary>Every fault at once, as Wickr lists them.</summary>
    public IReadOnlyList<FieldReason> Faults()
    {
        var faults = new List<FieldReason>();
        if (!WickrRules.IsNetworkId(NetworkId))
            faults.Add(new("networkId", "must be exactly 8 digits"));

        if (Suspend is null)
            faults.Add(new("suspend", "must be true or false"));

        if (UserIds is null)
            faults.Add(new("userIds", "must be an array of strings"));
        else if (UserIds.Count is 0 or > WickrRules.MostUserIds)
            faults.Add(new("userIds", $"must have 1 to {WickrRules.MostUserIds} members"));

        for (var i = 0; i < UserIds?.Count; i++)
        {
            if (!WickrRules.IsUserId(UserIds[i]))
                faults.Add(new($"userIds[{i}]", "must be 1 to 10 digits"));
        }

        if (ClientToken is not null && !WickrRules.IsClientToken(ClientToken))
            faults.Add(new("clientToken", "must be 1 to 64 characters of a-z A-Z 0-9 - _ :"));

        return faults;
    }

    /// <summary>Two requests with one token must agree in this.</summary>
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
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
