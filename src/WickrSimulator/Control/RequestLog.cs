using System.Text.Json.Serialization;
using WickrSimulator.Aws;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>A request to the operation and its result.</summary>
/// <param name="Status">Null when no response was begun (a reset or a hang).</param>
/// <param name="Effect">Whether this request set a user's state.</param>
/// <param name="SessionName">Of the role's session that signed it; null for other credentials.</param>
/// <param name="Region">That it was signed for; null when the signature was refused.</param>
internal sealed record RequestLogEntry(
    DateTimeOffset At,
    string? NetworkId,
    bool? Suspend,
    IReadOnlyList<string>? UserIds,
    string? ClientToken,
    int? Status,
    string? ErrorType,
    bool Effect,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SessionName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SourceIdentity,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Region);

/// <summary>All requests to the operation, oldest first, refused ones included. A request is logged as soon as it has its effect, before its response.</summary>
internal sealed class RequestLog(TimeProvider clock)
{
    private const int MaxIds = 100;
    private const int MaxTextLength = 128;

    /// <summary>Older entries are dropped, so that a long load test does not fill the memory.</summary>
    private const int MaxEntries = 100_000;

    private readonly Lock _gate = new();
    private readonly Queue<RequestLogEntry> _entries = new();

    public IReadOnlyList<RequestLogEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    public void Add(ToggleSuspendRequest? request, OperationResult result) =>
        Add(request, result.Error?.Status ?? StatusCodes.Status200OK, result.Error?.Type, result.Effect);

    public void Add(ToggleSuspendRequest? request, int? status, string? errorType, bool effect)
    {
        lock (_gate)
        {
            var session = request?.Signer?.Credential.Session;
            _entries.Enqueue(new RequestLogEntry(
                clock.GetUtcNow(), Truncate(request?.NetworkId), request?.Suspend, OmitTooMany(request?.UserIds), Truncate(request?.ClientToken), status, errorType, effect,
                session?.Name, session?.SourceIdentity, request?.Signer?.Region));
            if (_entries.Count > MaxEntries)
                _entries.Dequeue();
        }
    }

    public void Reset()
    {
        lock (_gate)
            _entries.Clear();
    }

    // Values longer than any valid request has are cut or left out, so that a misbehaving client does not fill the memory either.
    private static string? Truncate(string? text) => text?.Length > MaxTextLength ? text[..MaxTextLength] : text;

    private static IReadOnlyList<string>? OmitTooMany(IReadOnlyList<string>? ids) => ids is { Count: <= MaxIds } && ids.All(id => id.Length <= MaxTextLength) ? ids : null;
}
