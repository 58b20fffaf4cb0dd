using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Timeout;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Tests.Resilience;

/// <summary>The scenarios that AWS publishes for the standard retry mode of its clients, by their names, with this gateway's numbers, on the real pipeline.</summary>
public sealed class RetryScenarioTests
{
    private const AttemptStatus Ok = AttemptStatus.Accepted;
    private const AttemptStatus Failed = AttemptStatus.ServerError;
    private const AttemptStatus Throttled = AttemptStatus.Throttled;

    [Fact]
    public async Task Retry_eventually_succeeds()
    {
        var scenario = new Scenario();
        Assert.Equal((3, Ok), await scenario.CallAsync(Failed, Failed, Ok));
        Assert.Equal([0.05, 0.1], scenario.Waits);
        Assert.Equal(500 - 14, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Fail_due_to_max_attempts_reached()
    {
        var scenario = new Scenario();
        Assert.Equal((3, Failed), await scenario.CallAsync(Failed, Failed, Failed, Ok));
        Assert.Equal(500 - 28, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Retry_quota_reached_after_a_single_retry()
    {
        var scenario = new Scenario(budget: 14);
        Assert.Equal((2, Failed), await scenario.CallAsync(Failed, Failed, Ok));
        Assert.Equal(0, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task No_retries_at_all_if_retry_quota_is_0()
    {
        var scenario = new Scenario(budget: 0);
        Assert.Equal((1, Failed), await scenario.CallAsync(Failed, Ok));
        Assert.Equal(0, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Verifying_exponential_backoff_timing()
    {
        var scenario = new Scenario(maxAttempts: 5);
        Assert.Equal((5, Failed), await scenario.CallAsync(Failed, Failed, Failed, Failed, Failed));
        Assert.Equal([0.05, 0.1, 0.2, 0.4], scenario.Waits);
        Assert.Equal(500 - (4 * 14), scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Verify_max_backoff_time()
    {
        var scenario = new Scenario(maxAttempts: 8);
        Assert.Equal((8, Throttled), await scenario.CallAsync([.. Enumerable.Repeat(Throttled, 8)]));
        Assert.Equal([1, 2, 4, 8, 16, 20, 20], scenario.Waits);
        Assert.Equal(500 - (7 * 5), scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Retry_stops_after_retry_quota_exhaustion()
    {
        var scenario = new Scenario(maxAttempts: 5, budget: 20);
        Assert.Equal((3, Throttled), await scenario.CallAsync(Failed, Throttled, Throttled, Ok));
        Assert.Equal(1, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Retry_quota_recovery_after_successful_responses()
    {
        var scenario = new Scenario(maxAttempts: 5, budget: 30);
        Assert.Equal((3, Ok), await scenario.CallAsync(Failed, Failed, Ok));
        Assert.Equal(2 + 14, scenario.Budget.Tokens);
        Assert.Equal((2, Ok), await scenario.CallAsync(Failed, Ok));
        Assert.Equal(16, scenario.Budget.Tokens);
        Assert.Equal((1, Ok), await scenario.CallAsync(Ok));
        Assert.Equal(17, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Quota_is_full_Never_grows_beyond_500()
    {
        var scenario = new Scenario();
        Assert.Equal((1, Ok), await scenario.CallAsync(Ok));
        Assert.Equal(500, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Authentication_recovers_Retries_without_wait_and_without_quota()
    {
        var scenario = new Scenario(budget: 0);
        Assert.Equal((2, Ok), await scenario.CallAsync(
            new Attempt { Status = AttemptStatus.AccessDenied, IsMended = true },
            new Attempt { Status = Ok }));
        Assert.Equal([0], scenario.Waits);
    }

    [Fact]
    public async Task Wait_exceeds_the_time_left_Is_not_started()
    {
        var scenario = new Scenario(total: TimeSpan.FromSeconds(20));
        Assert.Equal((1, Throttled), await scenario.CallAsync(
            new Attempt { Status = Throttled, RetryAfter = TimeSpan.FromSeconds(20) },
            new Attempt { Status = Ok }));
        Assert.Equal(500, scenario.Budget.Tokens);
    }

    private sealed class Scenario(int maxAttempts = 3, int budget = RetryBudget.Capacity, TimeSpan? total = null)
    {
        private static readonly SuspendStatusRequest Request = new("12345678", true, ["1"], "t:1");

        private readonly WickrOptions _options = new(
            "us-east-1", new Uri("http://127.0.0.1"), maxAttempts, TimeSpan.FromSeconds(5), total ?? TimeSpan.FromMinutes(10), 1, 0,
            new CircuitBreakerOptions(false, 0.5, 20, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)));

        public RetryBudget Budget { get; } = new(budget);

        /// <summary>In seconds, with the largest jitter.</summary>
        public List<double> Waits { get; } = [];

        public Task<(int Attempts, AttemptStatus Last)> CallAsync(params AttemptStatus[] script) => CallAsync([.. script.Select(verdict => new Attempt { Status = verdict })]);

        public async Task<(int Attempts, AttemptStatus Last)> CallAsync(params Attempt[] script)
        {
            var time = new FakeTimeProvider();
            var pipeline = new WickrPipeline(_options, Budget, time, random: () => 1, NullLogger<WickrPipeline>.Instance);
            var call = new WickrCallState(Request, _options.TotalTimeout, isShortened: false, time);
            var context = ResilienceContextPool.Shared.Get();
            context.Properties.Set(WickrPipeline.Call, call);
            Waits.Clear();
            var running = pipeline.Strategies.ExecuteAsync(
                _ =>
                {
                    if (call.Wait is { } wait)
                        Waits.Add(wait.TotalSeconds);

                    var attempt = script[call.Attempts.Count];
                    call.Attempts.Add(attempt);
                    return ValueTask.FromResult(attempt);
                },
                context).AsTask();
            while (!running.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                await Task.Yield();
            }

            try
            {
                await running;
            }
            catch (TimeoutRejectedException)
            {
                Assert.Fail("The call ran into its deadline.");
            }

            if (call.LastAttempt!.Status == Ok)
                Budget.Succeeded(call);

            return (call.Attempts.Count, call.LastAttempt.Status);
        }
    }
}
