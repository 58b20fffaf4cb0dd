using System.Text.Json;

namespace WickrSimulator.Wickr;

/// <summary>What an operation came to.</summary>
/// <param name="Effect">Whether a user's state was set by this request.</param>
internal sealed record OperationResult(AwsError? Error, byte[]? Body, bool Effect);

/// <summary>Networks, their users, and the answers remembered for client tokens. One lock: an operation is a few dictionary look-ups.</summary>
internal sealed class WickrState
{
    /// <summary>The oldest tokens are forgotten beyond this, so that a long load does not fill the memory.</summary>
    private const int MostTokens = 100_000;

    private readonly Lock _gate = new();
    private readonly SimulatorOptions _options;
    private readonly Dictionary<string, bool[]> _suspended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Fingerprint, byte[] Body)> _answers = new(StringComparer.Ordinal);
    private readonly Queue<string> _tokens = new();

    public WickrState(SimulatorOptions options)
    {
        _options = options;
        Reset();
    }

    public void Reset()
    {
        lock (_gate)
        {
            _answers.Clear();
            _tokens.Clear();
            foreach (var (network, users) in _options.Networks)
                _suspended[network] = new bool[users];
        }
    }

    /// <summary>The users of a network in order; null when there is no such network.</summary>
    public IReadOnlyList<UserState>? Users(string networkId)
    {
        lock (_gate)
        {
            return _suspended.TryGetValue(networkId, out var users)
                ? [.. users.Select((suspended, index) => new UserState((index + 1).ToString(), suspended))]
                : null;
        }
    }

    public OperationResult Toggle(ToggleSuspendRequest request)
    {
        if (request.Faults() is { Count: > 0 } faults)
            return new OperationResult(AwsError.Validation(faults), null, false);

        lock (_gate)
        {
            if (!_suspended.TryGetValue(request.NetworkId, out var users))
                return new OperationResult(new AwsError(StatusCodes.Status404NotFound, "ResourceNotFoundError", $"There is no network {request.NetworkId}."), null, false);

            if (request.ClientToken is { } known && _answers.TryGetValue(known, out var answered))
            {
                return answered.Fingerprint == request.Fingerprint()
                    ? new OperationResult(null, answered.Body, false)
                    : new OperationResult(AwsError.BadRequest("This client token was used with another request."), null, false);
            }

            return Apply(request, users);
        }
    }

    private OperationResult Apply(ToggleSuspendRequest request, bool[] users)
    {
        var successful = new List<SuccessItem>();
        var failed = new List<FailureItem>();
        foreach (var id in request.UserIds!)
        {
            // "007" is no user though "7" is one: an id is its characters.
            if (id[0] != '0' && int.TryParse(id, out var number) && number <= users.Length)
            {
                users[number - 1] = request.Suspend!.Value;
                successful.Add(new SuccessItem(id));
            }
            else
            {
                failed.Add(new FailureItem(id, "userId", "There is no such user in this network."));
            }
        }

        var what = request.Suspend!.Value ? "suspended" : "unsuspended";
        var message = failed.Count == 0 ? $"All users were {what}." : $"{successful.Count} of {request.UserIds.Count} users were {what}.";
        var body = JsonSerializer.SerializeToUtf8Bytes(new ToggleSuspendResponse(message, successful, failed), SimulatorJson.Default.ToggleSuspendResponse);
        if (request.ClientToken is { } token)
            Remember(token, request, body);

        return new OperationResult(null, body, successful.Count > 0);
    }

    private void Remember(string token, ToggleSuspendRequest request, byte[] body)
    {
        _answers[token] = (request.Fingerprint(), body);
        _tokens.Enqueue(token);
        if (_tokens.Count > MostTokens)
            _answers.Remove(_tokens.Dequeue());
    }
}
