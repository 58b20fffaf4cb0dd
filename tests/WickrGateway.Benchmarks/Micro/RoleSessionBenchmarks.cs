using Amazon.Runtime;
using BenchmarkDotNet.Attributes;
using WickrGateway.Wickr;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>What a role costs a call whose session is kept: 1,000 callers with 5 roles each.</summary>
[MemoryDiagnoser]
public class RoleSessionBenchmarks : IDisposable
{
    private const int Callers = 1000;
    private const int Roles = 5;

    /// <summary>In bytes, for all sessions together.</summary>
    private const long MaxMemory = 20 * 1024 * 1024;

    private static readonly WickrLocation Location = new("us-east-1", new Uri("https://admin.wickr.us-east-1.amazonaws.com"));

    private RoleSessions _sessions = null!;
    private RoleOptions[] _roles = null!;
    private int _next;

    /// <summary>The memory of all sessions, in bytes.</summary>
    public long Memory { get; private set; }

    [GlobalSetup]
    public async Task CreateSessions()
    {
        _roles = [.. Enumerable.Range(0, Roles).Select(role => new RoleOptions($"arn:aws:iam::{111_111_111_111 * (role + 1)}:role/wickr-gateway-network", "an-external-id"))];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _sessions = new RoleSessions(Assume, TimeSpan.FromHours(1), TimeProvider.System);
        for (var caller = 0; caller < Callers; caller++)
        {
            foreach (var role in _roles)
                _ = await _sessions.GetAsync(Key(role, caller), CancellationToken.None);
        }

        Memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"// {Callers} callers with {Roles} roles each: {Memory / 1024.0 / 1024:0.0} MB");
        if (Memory > MaxMemory || _sessions.Count != Callers * Roles)
            throw new InvalidOperationException($"{_sessions.Count} sessions take {Memory} bytes.");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _sessions.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The key is made for each call, as the gateway does.</summary>
    [Benchmark]
    public Task GetCachedSession()
    {
        var number = _next++ % (Callers * Roles);
        return _sessions.GetAsync(Key(_roles[number % Roles], number / Roles), CancellationToken.None);
    }

    private static RoleSessionKey Key(RoleOptions role, int caller) => RoleSessionKey.Create(role, Location, Attribution.SourceIdentity, $"service-account-of-team-{caller}");

    private static Task<RoleCredentials> Assume(RoleSessionKey key) => Task.FromResult(new RoleCredentials(
        new ImmutableCredentials($"ASIA{Guid.NewGuid():N}"[..20], new string('s', 40), string.Concat(Enumerable.Repeat(Guid.NewGuid().ToString("N"), 32))), DateTimeOffset.UtcNow.AddHours(1), AttemptStatus.Accepted));
}
