using System.Text.Json.Serialization;

namespace WickrSimulator.Wickr;

internal sealed record SuccessItem(string UserId);

internal sealed record FailureItem(string UserId, string? Field, string? Reason);

internal sealed record ToggleSuspendResponse(string Message, IReadOnlyList<SuccessItem> Successful, IReadOnlyList<FailureItem> Failed);

internal sealed record UsersCount(int Pending, int Active, int Rejected, int Remaining, int Total);

/// <param name="Status">2 is active.</param>
internal sealed record User(string UserId, string Username, string FirstName, string LastName, bool IsAdmin, bool Suspended, int Status)
{
    public static User Of(UserState user) => new(user.UserId, $"user{user.UserId}@example.com", "User", user.UserId, IsAdmin: false, user.Suspended, Status: 2);
}

internal sealed record UserPage(IReadOnlyList<User> Users, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UsersCount))]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(UserPage))]
[JsonSerializable(typeof(ToggleSuspendResponse))]
internal sealed partial class WickrJson : JsonSerializerContext;
