using System.Net;

namespace WickrSimulator.Tests;

public sealed class FaultTests : IAsyncLifetime
{
    private SimulatorHost _simulator = null!;

    [Fact]
    public async Task A_reply_Is_sent_count_times_and_then_the_normal_response()
    {
        await _simulator.AddFaultAsync(new { status = 429, errorType = "RateLimitError", retryAfter = 3, count = 2 });

        using var first = await _simulator.ToggleAsync(true, ["1"]);
        using var second = await _simulator.ToggleAsync(true, ["1"]);
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        using var third = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal([HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [first.StatusCode, second.StatusCode, third.StatusCode]);
        Assert.Equal("3", first.Headers.GetValues("Retry-After").Single());
        Assert.Equal("RateLimitError", first.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task A_fault_after_the_effect_Hides_the_result_until_the_token_is_sent_again()
    {
        await _simulator.AddFaultAsync(new { status = 500, when = "after" });

        using var failed = await _simulator.ToggleAsync(true, ["1"], "t");
        Assert.True(await _simulator.IsSuspendedAsync("1"));
        using var again = await _simulator.ToggleAsync(true, ["1"], "t");

        Assert.Equal([HttpStatusCode.InternalServerError, HttpStatusCode.OK], [failed.StatusCode, again.StatusCode]);
        Assert.Equal([true, false], (await _simulator.RequestsAsync()).Select(entry => entry.GetProperty("effect").GetBoolean()));
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("truncate")]
    public async Task Reset_and_truncate_Break_the_connection(string kind)
    {
        await _simulator.AddFaultAsync(new { kind, when = "after" });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _simulator.ToggleAsync(true, ["1"]));

        Assert.True(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task A_hang_Lasts_until_the_simulator_is_reset()
    {
        await _simulator.AddFaultAsync(new { kind = "hang" });

        var hanging = _simulator.ToggleAsync(true, ["1"]);
        await PollAsync(async () => (await _simulator.RequestsAsync()).Length == 1);
        Assert.False(hanging.IsCompleted);
        await _simulator.Client.PostAsync("/_simulator/reset", null);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task A_reply_without_a_status_Is_the_normal_response()
    {
        await _simulator.AddFaultAsync(new { delayMs = 1 });

        using var response = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task A_request_spared_by_probability_Leaves_the_fault_in_the_queue()
    {
        await _simulator.AddFaultAsync(new { status = 500, probability = 0 });
        await _simulator.AddFaultAsync(new { status = 503 });

        using var response = await _simulator.ToggleAsync(true, ["1"]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_request_with_an_invalid_signature_Uses_up_no_fault()
    {
        await _simulator.AddFaultAsync(new { status = 500 });

        using var refused = await _simulator.ToggleAsync(true, ["1"], change: builder => builder.SecretAccessKey = "wrong");
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
    public async Task An_invalid_fault_Is_refused_with_the_field_s_name(string fault, string field)
    {
        using var response = await _simulator.Client.PostAsync("/_simulator/faults", new StringContent(fault));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(field, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
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
