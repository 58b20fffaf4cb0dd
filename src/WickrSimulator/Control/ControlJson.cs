using System.Text.Json.Serialization;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

internal sealed record UserList(IReadOnlyList<UserState> Users);

internal sealed record RequestList(IReadOnlyList<RequestLogEntry> Requests);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(RequestList))]
[JsonSerializable(typeof(Fault))]
internal sealed partial class ControlJson : JsonSerializerContext;
