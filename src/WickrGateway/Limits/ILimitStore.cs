namespace WickrGateway.Limits;

/// <summary>Where the limits are counted: in this process, or for all replicas together. Thread-safe. No method throws because a store is down.</summary>
internal interface ILimitStore
{
    /// <summary>Takes a permit if one is left.</summary>
    /// <param name="name">Whose permit, within the limit's scope.</param>
    ValueTask<RateState> AcquireAsync(RateLimit limit, string name);

    /// <summary>Counts the users when that keeps both limits. What was counted must be settled, all at once or in parts.</summary>
    ValueTask<SuspendCounts> ReserveAsync(SuspendCharge charge);

    /// <summary>What <see cref="ReserveAsync"/> would return, without counting anything.</summary>
    ValueTask<SuspendCounts> PreviewAsync(SuspendCharge charge);

    /// <summary>Ends the reservation of some of the charge's users. Does not wait for other processes.</summary>
    /// <param name="suspended">Counted until the window has passed since now.</param>
    /// <param name="released">Certainly not suspended by this request; counted only when another one suspended them, or may have.</param>
    void Settle(SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released);
}
