using System.Text.Json.Serialization;
using WickrSimulator.Control;
using WickrSimulator.Wickr;

namespace WickrSimulator;

internal sealed record SuccessItem(string UserId);

internal sealed record FailureItem(string UserId, string? Field, string? Reason);

internal sealed record ToggleSuspendResponse(string Message, IReadOnlyList<SuccessItem> Successful, IReadOnlyList<FailureItem> Failed);

internal sealed record ErrorBody(string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FieldReason>? Reasons);

internal sealed record UserState(string UserId, bool Suspended);

internal sealed record UserList(IReadOnlyList<UserState> Users);

internal sealed record JournalList(IReadOnlyList<JournalEntry> Requests);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(ToggleSuspendResponse))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(JournalList))]
[JsonSerializable(typeof(FaultRequest))]
internal sealed partial class SimulatorJson : JsonSerializerContext;
