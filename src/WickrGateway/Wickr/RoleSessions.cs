using System.Collections.Concurrent;
using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>The sessions of roles in use: made on first use, refreshed in the background, dropped when they are not used. Thread-safe.</summary>
internal sealed class RoleSessions : IDisposable
{
    /// <summary>Each takes about 2 KiB.</summary>
    private const int MaxSessions = 10_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<RoleSessionKey, RoleSession> _sessions = new();
    private readonly Func<RoleSessionKey, Task<RoleCredentials>> _assume;
    private readonly TimeSpan _duration;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    /// <param name="assume">Asks STS; throws nothing.</param>
    public RoleSessions(Func<RoleSessionKey, Task<RoleCredentials>> assume, TimeSpan duration, TimeProvider time)
    {
        (_assume, _duration, _time) = (assume, duration, time);
        _sweep = time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    public int Count => _sessions.Count;

    /// <exception cref="OperationCanceledException">The time ran out before STS responded.</exception>
    public Task<RoleCredentials> GetAsync(RoleSessionKey key, CancellationToken cancellation)
    {
        if (!_sessions.TryGetValue(key, out var session))
        {
            if (_sessions.Count >= MaxSessions)
                RemoveOldest();

            // A third of its time is left when it is made anew, so that an outage of STS of that length goes unnoticed.
            session = _sessions.GetOrAdd(key, static (key, self) => new RoleSession(self._duration / 3, () => self._assume(key), self._time), this);
        }

        return session.GetAsync(cancellation);
    }

    public void Invalidate(RoleSessionKey key, ImmutableCredentials refused)
    {
        if (_sessions.TryGetValue(key, out var session))
            session.Invalidate(refused);
    }

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        foreach (var (key, session) in _sessions)
        {
            if (_time.GetElapsedTime(session.LastUsed) > _duration)
                _sessions.TryRemove(key, out _);
            else
                session.Refresh();
        }
    }

    private void RemoveOldest()
    {
        if (_sessions.MinBy(session => session.Value.LastUsed) is { Key: { } oldest })
            _sessions.TryRemove(oldest, out _);
    }
}
