using System.Text.Json;

namespace WickrSimulator.Control;

/// <summary>A fault as it is posted.</summary>
/// <param name="RetryAfter">Goes out as <c>Retry-After</c>: a number of seconds, or a string as it is.</param>
internal sealed record FaultRequest(
    int? Status = null,
    string? ErrorType = null,
    JsonElement? RetryAfter = null,
    int DelayMs = 0,
    string Kind = "reply",
    string When = "before",
    int Count = 1,
    double Probability = 1)
{
    private const int MostDelayMs = 600_000;
    private const int MostCount = 1_000_000;

    /// <summary>What is wrong with it; empty when it can be queued.</summary>
    public IEnumerable<string> Faults()
    {
        if (Status is not (null or (>= 200 and <= 599)))
            yield return "status must be from 200 to 599";

        if (ErrorType is not null && (ErrorType.Length is 0 or > 200 || ErrorType.Any(character => character is < '!' or > '~')))
            yield return "errorType must be 1 to 200 printable ASCII characters without spaces";

        if (RetryAfter is { } wait && RetryAfterText is null && wait.ValueKind != JsonValueKind.Null)
            yield return "retryAfter must be a whole number of seconds or a string";

        if (DelayMs is < 0 or > MostDelayMs)
            yield return $"delayMs must be from 0 to {MostDelayMs}";

        if (Kind is not ("reply" or "reset" or "truncate" or "hang"))
            yield return "kind must be reply, reset, truncate or hang";

        if (When is not ("before" or "after"))
            yield return "when must be before or after";

        if (Count is < 1 or > MostCount)
            yield return $"count must be from 1 to {MostCount}";

        if (Probability is not (>= 0 and <= 1))
            yield return "probability must be from 0 to 1";
    }

    public string? RetryAfterText => RetryAfter switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetUInt32(out var seconds) => seconds.ToString(),
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } value && value.All(character => character is >= ' ' and <= '~') => value,
        _ => null,
    };
}
