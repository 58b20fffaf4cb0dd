using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Wickr;

namespace WickrGateway.Tests.Resilience;

/// <summary>The scenarios that AWS publishes for the standard retry mode of its clients, by their names, with this gateway's figures, on the real pipeline.</summary>
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
    public async Task The_quota_never_grows_beyond_500()
    {
        var scenario = new Scenario();
        Assert.Equal((1, Ok), await scenario.CallAsync(Ok));
        Assert.Equal(500, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task A_refusal_with_a_recovery_is_retried_at_once_and_costs_no_quota()
    {
        var scenario = new Scenario(budget: 0);
        Assert.Equal((2, Ok), await scenario.CallAsync(
            new AttemptResult(AttemptStatus.AccessDenied) { Recovery = AuthRecovery.CredentialsRefreshed },
            new AttemptResult(Ok)));
        Assert.Equal([0], scenario.Waits);
    }

    [Fact]
    public async Task A_wait_that_does_not_fit_in_the_time_that_is_left_is_not_begun()
    {
        var scenario = new Scenario(total: TimeSpan.FromSeconds(20));
        Assert.Equal((1, Throttled), await scenario.CallAsync(
            new AttemptResult(Throttled) { RetryAfter = TimeSpan.FromSeconds(20) },
            new AttemptResult(Ok)));
        Assert.Equal(500, scenario.Budget.Tokens);
    }

    [Fact]
    public async Task Less_than_50_ms_are_left_after_a_wait_No_attempt_begins_and_the_last_result_stands()
    {
        var scenario = new Scenario(total: TimeSpan.FromSeconds(1));
        Assert.Equal((1, AttemptStatus.ServerError), await scenario.CallAsync(
            new AttemptResult(AttemptStatus.ServerError) { RetryAfter = TimeSpan.FromSeconds(0.965) },
            new AttemptResult(Ok)));
    }

    private sealed class Scenario(int maxAttempts = 3, int budget = RetryBudget.Capacity, TimeSpan? total = null)
    {
        private static readonly WickrRequest Request = new(new WickrOperation("Test", HttpMethod.Patch, "/", IsIdempotent: true), "12345678", "/", [], "t:1");

        private readonly WickrOptions _options = new(
            null, FrozenDictionary<string, NetworkSettings>.Empty, new RoleSessionOptions(TimeSpan.FromHours(1), Attribution.None, null), null, maxAttempts, TimeSpan.FromSeconds(5), total ?? TimeSpan.FromMinutes(10), 1, 0,
            new CircuitBreakerOptions(false, 0.5, 20, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)));

        public RetryBudget Budget { get; } = new(budget);

        /// <summary>In seconds, with the jitter at its greatest.</summary>
        public List<double> Waits { get; } = [];

        public Task<(int Attempts, AttemptStatus Last)> CallAsync(params AttemptStatus[] script) => CallAsync([.. script.Select(status => new AttemptResult(status))]);

        public async Task<(int Attempts, AttemptStatus Last)> CallAsync(params AttemptResult[] script)
        {
            var time = new FakeTimeProvider();
            using var pipeline = new WickrPipeline("us-east-1", _options, Budget, time, jitter: () => 1, isNamed: _ => false, NullLogger<WickrPipeline>.Instance);
            var call = new WickrCallState(Request, null!, _options.TotalTimeout, isShortened: false, time);
            Waits.Clear();
            var running = pipeline.ExecuteAsync(call, (state, _) =>
            {
                if (state.LastDecision?.Wait is { } wait)
                    Waits.Add(wait.TotalSeconds);

                return Task.FromResult(script[state.Attempts.Count]);
            });
            while (!running.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                await Task.Yield();
            }

            var result = await running;
            Assert.Null(result.Failure);
            return (result.Attempts, result.Status!.Value);
        }
    }
}
