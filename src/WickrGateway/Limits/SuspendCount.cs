namespace WickrGateway.Limits;

/// <summary>The same id is another user in another network.</summary>
/// <remarks>Not a struct: the runtime would have to compile all collections of it at the start.</remarks>
internal sealed record SuspendedUser(string NetworkId, string UserId)
{
    /// <summary>Computed once: a user is looked up several times for each request.</summary>
    private readonly int _hash = HashCode.Combine(NetworkId, UserId);

    public bool Equals(SuspendedUser? other) => other is not null && _hash == other._hash && UserId == other.UserId && NetworkId == other.NetworkId;

    public override int GetHashCode() => _hash;
}

/// <summary>
/// The distinct users that were suspended within a sliding window. A user counts from before its request is sent until the window has passed
/// since the request ended, so it counts whenever it can have been suspended within the window. Not thread-safe: its users lock it.
/// </summary>
internal sealed class SuspendCount
{
    private readonly Dictionary<SuspendedUser, Entry> _users = [];

    /// <summary>The oldest first.</summary>
    private readonly LinkedList<Entry> _settled = [];

    public int Used => _users.Count;

    /// <summary>The last one that a request was checked with.</summary>
    public TimeSpan Window { get; set; }

    /// <summary>The users that were suspended, and when, as a timestamp.</summary>
    public IEnumerable<(SuspendedUser User, long SuspendedAt)> Settled => _settled.Select(entry => (entry.User, entry.SettledAt));

    public int CountNew(HashSet<SuspendedUser> users)
    {
        var count = 0;
        foreach (var user in users)
            count += _users.ContainsKey(user) ? 0 : 1;

        return count;
    }

    /// <summary>Forgets the users that were suspended at this time or before, unless a request with them is under way.</summary>
    /// <param name="time">A timestamp of the <see cref="TimeProvider"/>, as in all methods.</param>
    public void ForgetUntil(long time)
    {
        while (_settled.First is { } oldest && oldest.Value.SettledAt <= time)
        {
            _settled.RemoveFirst();
            if (oldest.Value.UnderWay == 0)
                _users.Remove(oldest.Value.User);
        }
    }

    /// <summary>Must be followed by one call of <see cref="Settle"/> for each user.</summary>
    public void Reserve(HashSet<SuspendedUser> users)
    {
        foreach (var user in users)
        {
            if (!_users.TryGetValue(user, out var entry))
                _users.Add(user, entry = new Entry(user));

            entry.UnderWay++;
        }
    }

    /// <param name="isSuspended">Whether the request suspended the user, or may have.</param>
    public void Settle(SuspendedUser user, bool isSuspended, long now)
    {
        var entry = _users[user];
        entry.UnderWay--;
        if (isSuspended)
        {
            if (entry.IsSettled)
                _settled.Remove(entry.Node);

            entry.SettledAt = now;
            _settled.AddLast(entry.Node);
        }
        else if (entry is { UnderWay: 0, IsSettled: false })
        {
            _users.Remove(user);
        }
    }

    /// <summary>When the last of so many users that are not in the request was suspended: once they are forgotten, there is room for it.</summary>
    /// <returns>Null when fewer than that are settled. A user with a request under way is not: it may be suspended once more.</returns>
    public long? FindOldest(int count, HashSet<SuspendedUser> request)
    {
        foreach (var entry in _settled)
        {
            if (entry.UnderWay == 0 && !request.Contains(entry.User) && --count == 0)
                return entry.SettledAt;
        }

        return null;
    }

    private sealed class Entry
    {
        public Entry(SuspendedUser user) => (User, Node) = (user, new LinkedListNode<Entry>(this));

        public SuspendedUser User { get; }

        /// <summary>Its place among the settled ones; used again when the user is suspended again.</summary>
        public LinkedListNode<Entry> Node { get; }

        public bool IsSettled => Node.List is not null;

        /// <summary>Requests that have been reserved and not settled.</summary>
        public int UnderWay { get; set; }

        /// <summary>Of the last request that suspended the user; only valid when it is settled.</summary>
        public long SettledAt { get; set; }
    }
}
