using System.Text.Json.Serialization;

namespace WickrSimulator.Wickr;

internal sealed record SuccessItem(string UserId);

internal sealed record FailureItem(string UserId, string? Field, string? Reason);

internal sealed record ToggleSuspendResponse(string Message, IReadOnlyList<SuccessItem> Successful, IReadOnlyList<FailureItem> Failed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ToggleSuspendResponse))]
internal sealed partial class WickrJson : JsonSerializerContext;
