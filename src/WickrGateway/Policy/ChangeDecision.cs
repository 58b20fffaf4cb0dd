using System.Collections.Frozen;
using WickrGateway.Callers;
using WickrGateway.Limits;
using WickrGateway.Problems;

namespace WickrGateway.Policy;

/// <summary>What a caller wants to change.</summary>
internal sealed record ChangeRequest(Caller Caller, string NetworkId, bool Suspend, IReadOnlyList<string> UserIds);

/// <summary>Whether the policy allows a change.</summary>
internal abstract record ChangeDecision
{
    private ChangeDecision()
    {
    }

    /// <summary>The whole rule, without the counting: it depends on the arguments alone.</summary>
    /// <param name="protectedIds">Of the network.</param>
    /// <param name="ofCaller">Counted now.</param>
    /// <param name="ofNetwork">Counted now.</param>
    public static ChangeDecision Decide(ChangeRequest request, FrozenSet<string> protectedIds, SuspendLimitUsage ofCaller, SuspendLimitUsage ofNetwork)
    {
        if (FindProtected(request, protectedIds) is { Count: > 0 } positions)
            return new ProtectedUsers(positions);

        if (!request.Suspend)
            return Allowed.WithoutLimit;

        // When both would be exceeded, the caller's is what this caller can do something about.
        if (ofCaller.IsExceeded)
            return new LimitExceeded(SuspendLimitFigures.CallerScope, ofCaller);

        return ofNetwork.IsExceeded ? new LimitExceeded(SuspendLimitFigures.NetworkScope, ofNetwork) : new Allowed(ofCaller.IsOn ? ofCaller : ofNetwork);
    }

    private static IReadOnlyList<int> FindProtected(ChangeRequest request, FrozenSet<string> protectedIds) =>
        protectedIds.Count == 0 || request.Caller.May(CallerActions.Protected)
            ? []
            : [.. Enumerable.Range(0, request.UserIds.Count).Where(position => protectedIds.Contains(request.UserIds[position]))];

    /// <param name="Usage">Of the caller's limit, or else of the network's; off when neither limits the change.</param>
    public sealed record Allowed(SuspendLimitUsage Usage) : ChangeDecision
    {
        public static Allowed WithoutLimit { get; } = new(default(SuspendLimitUsage));
    }

    /// <param name="Positions">Of the protected users in the request.</param>
    public sealed record ProtectedUsers(IReadOnlyList<int> Positions) : ChangeDecision;

    /// <param name="Scope">A scope of <see cref="SuspendLimitFigures"/>.</param>
    public sealed record LimitExceeded(string Scope, SuspendLimitUsage Usage) : ChangeDecision
    {
        public bool IsOfCaller => Scope == SuspendLimitFigures.CallerScope;
    }
}
