using WickrGateway.Callers;
using WickrGateway.Configuration;
using WickrGateway.Limits;

namespace WickrGateway.Policy;

/// <summary>Applies the policy to changes, with the suspended users that the limit store counts. Thread-safe.</summary>
internal sealed class SuspendLimiter(LiveSettings<ChangePolicy> policy, ILimitStore store, TimeProvider time)
{
    /// <summary>Decides and, when the change is allowed, counts its users.</summary>
    /// <param name="maxDuration">How long the request can be under way.</param>
    /// <returns>The reservation is null when the change is refused or nothing limits it.</returns>
    public async ValueTask<(PolicyResult Result, SuspendReservation? Reservation)> ReserveAsync(ChangeRequest request, TimeSpan maxDuration)
    {
        var rules = policy.Current;
        if (DecideUncounted(request, rules) is { } decided)
            return (decided, null);

        if (!IsLimited(request, rules))
            return (Decide(request, rules, SuspendCounts.Unlimited), null);

        var charge = ChargeOf(request, rules, maxDuration);
        var counts = await store.ReserveAsync(charge);
        return (Decide(request, rules, counts), counts.IsReserved ? new SuspendReservation(store, charge) : null);
    }

    /// <summary>Decides like <see cref="ReserveAsync"/> and counts nothing.</summary>
    public async ValueTask<PolicyResult> PreviewAsync(ChangeRequest request)
    {
        var rules = policy.Current;
        return DecideUncounted(request, rules) ?? Decide(request, rules, await store.PreviewAsync(ChargeOf(request, rules, TimeSpan.Zero)));
    }

    /// <summary>The caller's own limit and how much of it is used.</summary>
    public async ValueTask<(SuspendLimitUsage Usage, TimeSpan Window)> GetUsageAsync(Caller caller)
    {
        var rules = policy.Current;
        var counts = await store.PreviewAsync(SuspendCharge.Nothing(caller.Name, rules.LimitOf(caller), rules.Window));
        return (counts.OfCaller, rules.Window);
    }

    private static bool IsLimited(ChangeRequest request, ChangePolicy rules) => rules.LimitOf(request.Caller) > 0 || rules.LimitOf(request.NetworkId) > 0;

    /// <summary>The decision that does not depend on counts, if there is one.</summary>
    private static PolicyResult? DecideUncounted(ChangeRequest request, ChangePolicy rules)
    {
        var decision = ChangeDecision.Decide(request, rules.ProtectedUsersOf(request.NetworkId), default, default);
        return request.Suspend && decision is ChangeDecision.Allowed ? null : new PolicyResult(request, decision, rules.Window, FreeAt: null);
    }

    private PolicyResult Decide(ChangeRequest request, ChangePolicy rules, SuspendCounts counts)
    {
        var decision = ChangeDecision.Decide(request, rules.ProtectedUsersOf(request.NetworkId), counts.OfCaller, counts.OfNetwork);
        return new PolicyResult(request, decision, rules.Window, time.GetUtcNow() + counts.FreeAfter);
    }

    private static SuspendCharge ChargeOf(ChangeRequest request, ChangePolicy rules, TimeSpan maxDuration) => new(
        request.Caller.Name,
        rules.LimitOf(request.Caller),
        request.NetworkId,
        rules.LimitOf(request.NetworkId),
        request.UserIds.Select(id => new SuspendedUser(request.NetworkId, id)).ToHashSet(),
        rules.Window,
        maxDuration);
}
