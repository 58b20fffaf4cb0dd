using WickrGateway.Problems;

namespace WickrGateway.Policy;

/// <summary>A decision with what its reader needs.</summary>
/// <param name="FreeAt">For an exceeded limit: when the same request would be within it, if nothing else is suspended; null when that is not known.</param>
internal sealed record PolicyResult(ChangeRequest Request, ChangeDecision Decision, TimeSpan Window, DateTimeOffset? FreeAt)
{
    /// <summary>Null when the change is allowed.</summary>
    public GatewayProblem? ToProblem(string clientToken) => Decision switch
    {
        ChangeDecision.ProtectedUsers { Positions: var positions } => ProblemCatalog.ProtectedUsers(positions, [.. positions.Select(position => Request.UserIds[position]).Distinct(StringComparer.Ordinal)], clientToken),
        ChangeDecision.LimitExceeded exceeded => ProblemCatalog.SuspendLimitExceeded(exceeded.Usage.ToFigures(exceeded.Scope, Window), FreeAt, KeysOf(exceeded), clientToken),
        _ => null,
    };

    /// <summary>What an operator can raise.</summary>
    private string KeysOf(ChangeDecision.LimitExceeded exceeded) => exceeded.IsOfCaller
        ? $"Auth:Callers:{Request.Caller.Name}:SuspendLimit or {ChangePolicy.CallerKey}"
        : $"Policy:Networks:{Request.NetworkId}:SuspendLimit or {ChangePolicy.NetworkKey}";
}
