using System.Net;

namespace WickrSimulator.Tests;

public sealed class FaultTests : IAsyncLifetime
{
    private SimulatorHost _simulator = null!;

    [Fact]
    public async Task A_reply_is_given_as_often_as_its_count_says_and_then_the_normal_answer()
    {
        await _simulator.FaultAsync(new { status = 429, errorType = "RateLimitError", retryAfter = 3, count = 2 });

        using var first = await _simulator.ToggleAsync(true, ["1"]);
        using var second = await _simulator.ToggleAsync(true, ["1"]);
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        using var third = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [first.StatusCode, second.StatusCode, third.StatusCode]);
        Assert.Equal("3", first.Headers.GetValues("Retry-After").Single());
        Assert.Equal("RateLimitError", first.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task After_the_effect_a_fault_hides_it_and_the_token_remembers_the_true_answer()
    {
        await _simulator.FaultAsync(new { status = 500, when = "after" });

        using var failed = await _simulator.ToggleAsync(true, ["1"], "t");
        Assert.True(await _simulator.IsSuspendedAsync("1"));
        using var again = await _simulator.ToggleAsync(true, ["1"], "t");

        Assert.Equal([HttpStatusCode.InternalServerError, HttpStatusCode.OK], [failed.StatusCode, again.StatusCode]);
        Assert.Equal([true, false], (await _simulator.JournalAsync()).Select(entry => entry.GetProperty("effect").GetBoolean()));
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("truncate")]
    public async Task The_connection_ends_early(string kind)
    {
        await _simulator.FaultAsync(new { kind, when = "after" });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _simulator.ToggleAsync(true, ["1"]));

        Assert.True(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task A_hang_never_answers_but_a_reset_of_the_simulator_ends_it()
    {
        await _simulator.FaultAsync(new { kind = "hang" });

        var hanging = _simulator.ToggleAsync(true, ["1"]);
        await PollAsync(async () => (await _simulator.JournalAsync()).Length == 1);
        Assert.False(hanging.IsCompleted);
        await _simulator.Client.PostAsync("/_simulator/reset", null);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task A_reply_without_a_status_is_the_normal_answer()
    {
        await _simulator.FaultAsync(new { delayMs = 1 });

        using var answer = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task A_request_that_probability_lets_off_leaves_the_fault_in_the_queue()
    {
        await _simulator.FaultAsync(new { status = 500, probability = 0 });
        await _simulator.FaultAsync(new { status = 503 });

        using var answer = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_not_rightly_signed_does_not_spend_a_fault()
    {
        await _simulator.FaultAsync(new { status = 500 });

        using var refused = await _simulator.ToggleAsync(true, ["1"], change: signing => signing.SecretAccessKey = "wrong");
        using var faulted = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.InternalServerError], [refused.StatusCode, faulted.StatusCode]);
    }

    [Theory]
    [InlineData("""{"stauts":500}""", "stauts")]
    [InlineData("""{"status":"500"}""", "status")]
    [InlineData("""{"status":99}""", "status")]
    [InlineData("""{"kind":"explode"}""", "kind")]
    [InlineData("""{"when":"never"}""", "when")]
    [InlineData("""{"count":0}""", "count")]
    [InlineData("""{"probability":2}""", "probability")]
    [InlineData("""{"delayMs":-1}""", "delayMs")]
    [InlineData("""{"retryAfter":{}}""", "retryAfter")]
    [InlineData("""{"status":429,"retryAfter":-1}""", "retryAfter")]
    [InlineData("""{"status":500,"status":503}""", "status")]
    [InlineData("""{"kind":0}""", "kind")]
    [InlineData("""{"status":500,"errorType":"a\nb"}""", "errorType")]
    [InlineData("nonsense", "read")]
    public async Task A_fault_that_makes_no_sense_is_refused_by_name(string fault, string named)
    {
        using var answer = await _simulator.Client.PostAsync("/_simulator/faults", new StringContent(fault));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static async Task PollAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await timer.WaitForNextTickAsync(deadline.Token);
    }
}
