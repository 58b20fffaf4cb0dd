namespace WickrGateway.Tests.Policy;

/// <summary>
/// What a suspend limit means, written as plainly as possible: all requests are remembered for ever, and each question goes through all of
/// them. It shares nothing with the code that it is compared with.
/// </summary>
/// <param name="window">How long a user counts after its request ended.</param>
internal sealed class SuspendLimitModel(TimeSpan window)
{
    private readonly List<ModelRequest> _requests = [];

    public IReadOnlyList<ModelRequest> Requests => _requests;

    public ModelRequest Begin(string caller, string network, IEnumerable<string> ids, bool countsForCaller, bool countsForNetwork, DateTimeOffset now)
    {
        var request = new ModelRequest(network, [.. ids.Distinct()], countsForCaller ? caller : null, countsForNetwork ? network : null, now);
        _requests.Add(request);
        return request;
    }

    /// <summary>The users that count: a request with them is under way, or may have suspended them less than a window ago.</summary>
    public HashSet<(string Network, string Id)> Counted(Func<ModelRequest, bool> scope, DateTimeOffset now) =>
        [.. _requests.Where(scope).SelectMany(request => request.Counted(now, window).Select(id => (request.Network, id)))];

    /// <summary>The most distinct users that were suspended within any window, by the moments at which Wickr did it.</summary>
    public int MaxSuspended(Func<ModelRequest, bool> scope)
    {
        var effects = _requests.Where(scope).SelectMany(request => request.Effects.Select(id => (request.Network, Id: id, request.EffectAt))).ToList();
        return effects.Select(last => effects.Where(effect => effect.EffectAt <= last.EffectAt && effect.EffectAt > last.EffectAt - window).Select(effect => (effect.Network, effect.Id)).Distinct().Count())
            .DefaultIfEmpty().Max();
    }
}

/// <param name="Caller">Null when the caller had no limit.</param>
/// <param name="CountedNetwork">Null when the network had no limit.</param>
internal sealed record ModelRequest(string Network, IReadOnlyList<string> Ids, string? Caller, string? CountedNetwork, DateTimeOffset Start)
{
    private IReadOnlySet<string> _mayBeSuspended = new HashSet<string>();

    private DateTimeOffset? End { get; set; }

    /// <summary>The users that Wickr did suspend, at <see cref="EffectAt"/>.</summary>
    public IReadOnlyList<string> Effects { get; private set; } = [];

    public DateTimeOffset EffectAt { get; private set; }

    /// <param name="mayBeSuspended">As far as the gateway can know.</param>
    /// <param name="effects">A part of them: what happened in truth.</param>
    /// <param name="effectShare">When it happened: 0 at the start, 1 at the end.</param>
    public void Finish(IEnumerable<string> mayBeSuspended, IEnumerable<string> effects, double effectShare, DateTimeOffset now)
    {
        (End, _mayBeSuspended, Effects) = (now, mayBeSuspended.ToHashSet(), [.. effects.Distinct()]);
        EffectAt = Start + ((now - Start) * effectShare);
    }

    public IEnumerable<string> Counted(DateTimeOffset now, TimeSpan window) =>
        End is not { } end ? Ids : now - end < window ? Ids.Where(_mayBeSuspended.Contains) : [];
}
