using System.Text.Json;
using WickrSimulator.Aws;

namespace WickrSimulator.Wickr;

internal sealed record UserState(string UserId, bool Suspended);

/// <summary>Networks, their users, and the results remembered for client tokens. One lock is enough: an operation is a few dictionary lookups.</summary>
internal sealed class WickrState
{
    /// <summary>Older tokens are forgotten, so that a long load test does not fill the memory.</summary>
    private const int MaxTokens = 100_000;

    private readonly Lock _gate = new();
    private readonly IReadOnlyDictionary<string, int> _networks;
    private readonly Dictionary<string, bool[]> _suspended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Fingerprint, byte[] Body)> _results = new(StringComparer.Ordinal);
    private readonly Queue<string> _tokens = new();

    /// <param name="networks">The number of users by network id.</param>
    public WickrState(IReadOnlyDictionary<string, int> networks)
    {
        _networks = networks;
        Reset();
    }

    public void Reset()
    {
        lock (_gate)
        {
            _results.Clear();
            _tokens.Clear();
            foreach (var (network, users) in _networks)
                _suspended[network] = new bool[users];
        }
    }

    /// <summary>The users of a network in order; null for an unknown network.</summary>
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
        if (request.Validate() is { Count: > 0 } reasons)
            return OperationResult.Failed(AwsError.Validation(reasons));

        lock (_gate)
        {
            if (!_suspended.TryGetValue(request.NetworkId, out var users))
                return OperationResult.Failed(AwsError.NotFound("ResourceNotFoundError", $"There is no network {request.NetworkId}."));

            if (request.ClientToken is not { } token || !_results.TryGetValue(token, out var first))
                return Apply(request, users);

            return first.Fingerprint == request.Fingerprint()
                ? OperationResult.Succeeded(first.Body, effect: false)
                : OperationResult.Failed(AwsError.BadRequest("This client token was used with another request."));
        }
    }

    private OperationResult Apply(ToggleSuspendRequest request, bool[] users)
    {
        var successful = new List<SuccessItem>();
        var failed = new List<FailureItem>();
        foreach (var id in request.UserIds!)
        {
            // Ids are compared as text: "007" is not user "7".
            if (id[0] != '0' && int.TryParse(id, out var number) && number <= users.Length)
            {
                users[number - 1] = request.Suspend!.Value;
                successful.Add(new SuccessItem(id));
            }
            else
            {
                failed.Add(new FailureItem(id, "username", "User not found"));
            }
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new ToggleSuspendResponse(failed.Count == 0 ? "success" : "partial success", successful, failed), WickrJson.Default.ToggleSuspendResponse);
        if (request.ClientToken is { } token)
            Remember(token, request, body);

        return OperationResult.Succeeded(body, effect: successful.Count > 0);
    }

    private void Remember(string token, ToggleSuspendRequest request, byte[] body)
    {
        _results[token] = (request.Fingerprint(), body);
        _tokens.Enqueue(token);
        if (_tokens.Count > MaxTokens)
            _results.Remove(_tokens.Dequeue());
    }
}
