using System.Text.Json;

namespace WickrGateway.Wickr;

/// <summary>A user in Wickr's 200.</summary>
/// <param name="Reason">Why Wickr could not change it; for failed users.</param>
internal sealed record UserResult(string? UserId, string? Reason);

/// <summary>The users in Wickr's 200, read once for audit and metrics. A field in another form than Wickr's API has counts as absent.</summary>
/// <param name="Successful">At most <see cref="MaxUsers"/>; null when the response has no such list.</param>
/// <param name="Failed">At most <see cref="MaxUsers"/>; null when the response has no such list.</param>
/// <param name="SuccessfulCount">All of them.</param>
/// <param name="FailedCount">All of them.</param>
internal sealed record UserResults(IReadOnlyList<UserResult>? Successful, IReadOnlyList<UserResult>? Failed, int SuccessfulCount, int FailedCount)
{
    /// <summary>Twice as many as a request can have.</summary>
    public const int MaxUsers = 2 * WickrIds.MaxUserIds;

    /// <param name="body">One whole JSON object; its content is not trusted further.</param>
    public static UserResults Read(ReadOnlySpan<byte> body)
    {
        List<UserResult>? successful = null;
        List<UserResult>? failed = null;
        var (successfulCount, failedCount) = (0, 0);
        var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ResponseClassifier.MaxDepth });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // By the raw bytes: comparing a name with escapes throws when an escape is half of a surrogate pair.
            var isSuccessful = json.ValueSpan.SequenceEqual("successful"u8);
            var isFailed = json.ValueSpan.SequenceEqual("failed"u8);
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray || !(isSuccessful || isFailed))
                json.Skip();
            else if (isSuccessful)
                successfulCount = ReadUsers(ref json, successful = []);
            else
                failedCount = ReadUsers(ref json, failed = []);
        }

        return new UserResults(successful, failed, successfulCount, failedCount);
    }

    private static int ReadUsers(ref Utf8JsonReader json, List<UserResult> users)
    {
        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }

            count++;
            var user = ReadUser(ref json);
            if (users.Count < MaxUsers)
                users.Add(user);
        }

        return count;
    }

    private static UserResult ReadUser(ref Utf8JsonReader json)
    {
        string? userId = null;
        string? reason = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isUserId = json.ValueSpan.SequenceEqual("userId"u8);
            var isReason = json.ValueSpan.SequenceEqual("reason"u8);
            json.Read();
            if (isUserId)
                userId = ReadString(ref json);
            else if (isReason)
                reason = ReadString(ref json);
            else
                json.Skip();
        }

        return new UserResult(userId, reason);
    }

    private static string? ReadString(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return null;
        }

        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escape that is half of a surrogate pair.
            return null;
        }
    }
}
