using System.Collections.Concurrent;
using StackExchange.Redis;
using WickrGateway.Observability;

namespace WickrGateway.Limits;

/// <summary>
/// The one connection to Redis, and the circuit breaker in front of it: after a failure no request waits for Redis until a probe in the
/// background succeeds. Before that Redis gets what this replica counted meanwhile, and what it may have lost.
/// </summary>
internal sealed partial class LimitStoreConnection(LimitStoreOptions options, RedisCounts redis, LocalLimitStore local, TimeProvider time, ILogger<LimitStoreConnection> logger) : BackgroundService
{
    private const int MaxTimeouts = 3;

    /// <summary>While Redis is down for longer, the oldest ends of requests are dropped: their users stay counted until the reservations expire.</summary>
    private const int MaxPending = 5000;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long the start waits for the first connection, so that the first requests are counted with those of the other replicas.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<Settlement> _pending = new();
    private readonly TaskCompletionSource _firstProbe = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogThrottle _failures = new(time);
    private ConnectionMultiplexer? _multiplexer;
    private ConnectionFailureType _lastFailure;
    private volatile bool _isUp;
    private volatile int _timeouts;
    private volatile int _disconnects;
    private Task _lastSettlement = Task.CompletedTask;

    public bool IsUp => _isUp;

    /// <summary>Null while Redis cannot be used.</summary>
    public IDatabase? Database => _isUp ? _multiplexer!.GetDatabase() : null;

    public void ReportSuccess()
    {
        if (_timeouts != 0)
            _timeouts = 0;
    }

    public void ReportFailure(Exception failure)
    {
        // One slow response can be a pause of either process.
        if (failure is not TimeoutException || Interlocked.Increment(ref _timeouts) >= MaxTimeouts)
            _isUp = false;

        LogFailure(failure);
    }

    /// <summary>Ends a reservation in Redis, now or when it is there again.</summary>
    public void Settle(SuspendCharge charge, IReadOnlyCollection<SuspendedUser> suspended, IReadOnlyCollection<SuspendedUser> released) =>
        _lastSettlement = SettleAsync(new Settlement(charge, suspended, released));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_firstProbe.Task, Task.Delay(StartTimeout, time, cancellationToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // It never fails, and those before it were sent before it.
        await Task.WhenAny(_lastSettlement, Task.Delay(ProbeTimeout, time, CancellationToken.None));
        if (_multiplexer is { } multiplexer)
            await multiplexer.CloseAsync(allowCommandsToComplete: false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ProbeInterval, time);
        do
        {
            try
            {
                await ProbeAsync();
            }
            catch (Exception failure)
            {
                LogFailure(failure);
            }

            _firstProbe.TrySetResult();
        }
        while (await IsNextAsync(timer, stoppingToken));
    }

    private static async Task<bool> IsNextAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ProbeAsync()
    {
        if (_isUp && _pending.IsEmpty)
            return;

        _multiplexer ??= await ConnectAsync();
        var database = _multiplexer.GetDatabase();
        var disconnects = _disconnects;
        await redis.ProbeAsync(database).WaitAsync(ProbeTimeout);
        await SendPendingAsync(database);
        if (_isUp)
            return;

        foreach (var snapshot in local.Suspended.TakeSnapshot())
            await redis.RestoreAsync(database, snapshot, ProbeTimeout);

        // A server that was connected meanwhile may not have what was restored.
        if (disconnects != _disconnects)
            return;

        (_timeouts, _isUp) = (0, true);
        Log.Up(logger, options.Endpoints);
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options.CreateRedisOptions());
        multiplexer.ConnectionFailed += (_, failure) =>
        {
            _lastFailure = failure.FailureType;
            // It can be another server after this, with other data: what is to be in it is sent again.
            if (failure.ConnectionType != ConnectionType.Interactive)
                return;

            Interlocked.Increment(ref _disconnects);
            _isUp = false;
        };
        return multiplexer;
    }

    private async Task SettleAsync(Settlement settlement)
    {
        if (!settlement.Charge.IsLimited)
            return;

        if (Database is not { } database)
        {
            Keep(settlement);
            return;
        }

        try
        {
            await SendAsync(database, settlement);
        }
        catch (Exception failure)
        {
            Keep(settlement);
            ReportFailure(failure);
        }
    }

    private async Task SendPendingAsync(IDatabase database)
    {
        while (_pending.TryPeek(out var settlement))
        {
            try
            {
                await SendAsync(database, settlement);
            }
            catch (RedisServerException refused)
            {
                // The probe before it was not refused, so it is about this one: the others must not wait behind it.
                LogFailure(refused);
            }

            _pending.TryDequeue(out _);
        }
    }

    private Task SendAsync(IDatabase database, Settlement settlement) =>
        redis.SettleAsync(database, settlement.Charge, settlement.Suspended, settlement.Released).WaitAsync(ProbeTimeout);

    private void Keep(Settlement settlement)
    {
        _pending.Enqueue(settlement);
        while (_pending.Count > MaxPending)
            _pending.TryDequeue(out _);
    }

    private void LogFailure(Exception failure)
    {
        if (_failures.TryAcquire(out var suppressed))
            Log.Down(logger, options.Endpoints, RedisFailure.Describe(failure, _lastFailure), suppressed);
    }

    /// <summary>The end of a reservation, or of a part of it.</summary>
    private sealed record Settlement(SuspendCharge Charge, IReadOnlyCollection<SuspendedUser> Suspended, IReadOnlyCollection<SuspendedUser> Released);

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "The limit store {Endpoints} cannot be used: {Cause}. Until it can be, this replica counts rates and suspended users by itself, so that all replicas together allow more. Check Redis, the network to it and Limits:Redis. Suppressed messages of this kind: {Suppressed}")]
        public static partial void Down(ILogger logger, string endpoints, string cause, int suppressed);

        [LoggerMessage(LogLevel.Information, "The limit store {Endpoints} is in use: all replicas count together")]
        public static partial void Up(ILogger logger, string endpoints);
    }
}
