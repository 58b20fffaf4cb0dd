using System.Text.Json;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>A fault as posted to <c>/_simulator/faults</c>.</summary>
/// <param name="Status">200 to 599; without one, or with 200, a <c>reply</c> is the operation's own response.</param>
/// <param name="ErrorType">The error type in the response; by default the one that Wickr's model has for the status.</param>
/// <param name="RetryAfter">Sent as <c>Retry-After</c>: a number of seconds, or a string as it is.</param>
/// <param name="DelayMs">Milliseconds to wait, 0 to 600,000; before or after the effect as <paramref name="When"/> says.</param>
/// <param name="Kind"><c>reply</c>, <c>reset</c> (TCP RST), <c>truncate</c> (half of the body) or <c>hang</c> (no response).</param>
/// <param name="When"><c>before</c>: the operation has no effect; <c>after</c>: the fault follows the effect.</param>
/// <param name="Count">How many requests it applies to, 1 to 1,000,000.</param>
/// <param name="Probability">0 to 1, for each request; a request that is spared leaves the fault in the queue.</param>
/// <param name="NetworkId">The only network that it applies to; without one it applies to all.</param>
internal sealed record Fault(
    int? Status = null,
    string? ErrorType = null,
    JsonElement? RetryAfter = null,
    int DelayMs = 0,
    string Kind = "reply",
    string When = "before",
    int Count = 1,
    double Probability = 1,
    string? NetworkId = null)
{
    private const int MaxDelayMs = 600_000;
    private const int MaxCount = 1_000_000;

    /// <summary>All errors; empty for a valid fault.</summary>
    public IEnumerable<string> Validate()
    {
        if (Status is not (null or (>= 200 and <= 599)))
            yield return "status must be from 200 to 599";

        if (ErrorType is not null && (ErrorType.Length is 0 or > 200 || ErrorType.Any(character => character is < '!' or > '~')))
            yield return "errorType must be 1 to 200 printable ASCII characters without spaces";

        if (RetryAfter is { } retryAfter && RetryAfterHeader is null && retryAfter.ValueKind != JsonValueKind.Null)
            yield return "retryAfter must be a whole number of seconds or a string";

        if (DelayMs is < 0 or > MaxDelayMs)
            yield return $"delayMs must be from 0 to {MaxDelayMs}";

        if (Kind is not ("reply" or "reset" or "truncate" or "hang"))
            yield return "kind must be reply, reset, truncate or hang";

        if (When is not ("before" or "after"))
            yield return "when must be before or after";

        if (Count is < 1 or > MaxCount)
            yield return $"count must be from 1 to {MaxCount}";

        if (Probability is not (>= 0 and <= 1))
            yield return "probability must be from 0 to 1";

        if (NetworkId is not null && !WickrRules.IsNetworkId(NetworkId))
            yield return "networkId must be exactly 8 digits";
    }

    public string? RetryAfterHeader => RetryAfter switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetUInt32(out var seconds) => seconds.ToString(),
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } value && value.All(character => character is >= ' ' and <= '~') => value,
        _ => null,
    };
}
