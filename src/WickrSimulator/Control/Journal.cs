using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>What was asked of Wickr and what came of it.</summary>
/// <param name="Status">Null when no answer was begun (a reset or a hang).</param>
/// <param name="Effect">Whether a user's state was set.</param>
internal sealed record JournalEntry(
    DateTimeOffset At,
    string? NetworkId,
    bool? Suspend,
    IReadOnlyList<string>? UserIds,
    string? ClientToken,
    int? Status,
    string? ErrorType,
    bool Effect);

/// <summary>Every request to the operation, oldest first, refused ones too. An entry stands there as soon as its effect does.</summary>
internal sealed class Journal(TimeProvider time)
{
    private const int MostIds = 100;
    private const int LongestText = 128;

    /// <summary>The oldest entries go beyond this, so that a long load does not fill the memory.</summary>
    private const int MostEntries = 100_000;

    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new();

    public IReadOnlyList<JournalEntry> Entries
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
            _entries.Enqueue(new JournalEntry(time.GetUtcNow(), Short(request?.NetworkId), request?.Suspend, Few(request?.UserIds), Short(request?.ClientToken), status, errorType, effect));
            if (_entries.Count > MostEntries)
                _entries.Dequeue();
        }
    }

    // What no valid request holds is cut or left out, so that a wild client does not fill the memory either.
    private static string? Short(string? text) => text?.Length > LongestText ? text[..LongestText] : text;

    private static IReadOnlyList<string>? Few(IReadOnlyList<string>? ids) => ids is { Count: <= MostIds } && ids.All(id => id.Length <= LongestText) ? ids : null;

    public void Reset()
    {
        lock (_gate)
            _entries.Clear();
    }
}
