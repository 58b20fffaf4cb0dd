using System.Globalization;
using System.Text.Json;
using WickrSimulator.Aws;
using WickrSimulator.Signing;

namespace WickrSimulator.Wickr;

/// <summary>The operations that only read: GetUsersCount, ListUsers, GetUser.</summary>
internal sealed class ReadOperations(WickrState state)
{
    private const int MaxResults = 100;

    /// <summary>How many users a network may have.</summary>
    private const int Licenses = 1_000_000;

    /// <summary>Null when the request is none of them.</summary>
    public static ReadRequest? Read(SignedRequest request) => request.Method != HttpMethods.Get ? null : request.Path.Split('/') switch
    {
        ["", "networks", { Length: > 0 } network, "users", "count"] => new ReadRequest("GetUsersCount", Uri.UnescapeDataString(network), null, request.Query),
        ["", "networks", { Length: > 0 } network, "users"] => new ReadRequest("ListUsers", Uri.UnescapeDataString(network), null, request.Query),
        ["", "networks", { Length: > 0 } network, "users", { Length: > 0 } user] => new ReadRequest("GetUser", Uri.UnescapeDataString(network), Uri.UnescapeDataString(user), request.Query),
        _ => null,
    };

    public OperationResult Execute(ReadRequest request)
    {
        if (!WickrRules.IsNetworkId(request.NetworkId))
            return OperationResult.Failed(AwsError.Validation([new("networkId", "must be exactly 8 digits")]));

        if (state.Users(request.NetworkId) is not { } users)
            return OperationResult.Failed(AwsError.NotFound("ResourceNotFoundError", $"There is no network {request.NetworkId}."));

        return request.Operation switch
        {
            "GetUsersCount" => Succeeded(new UsersCount(Pending: 0, Active: users.Count, Rejected: 0, Licenses - users.Count, users.Count), WickrJson.Default.UsersCount),
            "GetUser" => GetUser(request.UserId!, users),
            _ => ListUsers(request.Query, users),
        };
    }

    private static OperationResult GetUser(string userId, IReadOnlyList<UserState> users) =>
        users.FirstOrDefault(user => user.UserId == userId) is { } found
            ? Succeeded(User.Of(found), WickrJson.Default.User)
            : OperationResult.Failed(AwsError.NotFound("ResourceNotFoundError", $"There is no user {userId}."));

    private static OperationResult ListUsers(string query, IReadOnlyList<UserState> users)
    {
        var parameters = query.Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
        if (ReadNumber(parameters["maxResults"], MaxResults, 1, MaxResults) is not { } maxResults)
            return OperationResult.Failed(AwsError.Validation([new("maxResults", $"must be from 1 to {MaxResults}")]));

        if (ReadNumber(parameters["nextToken"], 0, 0, users.Count) is not { } start)
            return OperationResult.Failed(AwsError.Validation([new("nextToken", "is not one that ListUsers returned")]));

        var page = users.Skip(start).Take(maxResults).Select(User.Of).ToList();
        var end = start + page.Count;
        return Succeeded(new UserPage(page, end < users.Count ? end.ToString(CultureInfo.InvariantCulture) : null), WickrJson.Default.UserPage);
    }

    /// <summary>Null when it is not one number in range.</summary>
    private static int? ReadNumber(IEnumerable<string> values, int defaultValue, int min, int max) => values.ToArray() switch
    {
        [] => defaultValue,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max => number,
        _ => null,
    };

    private static OperationResult Succeeded<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        OperationResult.Succeeded(JsonSerializer.SerializeToUtf8Bytes(value, type), effect: false);
}

/// <param name="UserId">Null for the operations that are not about one user.</param>
/// <param name="Query">Still percent-encoded.</param>
internal sealed record ReadRequest(string Operation, string NetworkId, string? UserId, string Query);
