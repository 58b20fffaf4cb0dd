using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>Which parts of a caller's trace are passed on.</summary>
public sealed class TraceContextTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task Request_has_a_traceparent_Problem_has_its_trace_id()
    {
        await using var fixture = new GatewayFixture();

        using var response = await fixture.Client.SendAsync(Traced("{}"));

        Assert.Contains($"\"traceId\":\"{TraceId}\"", (await Problem.OfAsync(response)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Propagation_is_off_No_trace_header_is_sent_to_Wickr()
    {
        await using var fixture = new GatewayFixture();
        fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await fixture.Client.SendAsync(Traced());

        Assert.DoesNotContain(Assert.Single(fixture.Wickr.Received).Headers, header => header.Value.Contains(TraceId, StringComparison.Ordinal) || header.Key.StartsWith("trace", StringComparison.OrdinalIgnoreCase) || header.Key is "baggage" or "Correlation-Context");
    }

    [Fact]
    public async Task Propagation_is_on_Trace_is_sent_unsigned_and_baggage_never()
    {
        await using var fixture = new GatewayFixture(new() { ["Wickr:PropagateTraceContext"] = "true" });
        fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await fixture.Client.SendAsync(Traced());

        var received = Assert.Single(fixture.Wickr.Received);
        Assert.StartsWith($"00-{TraceId}-", received.Header("traceparent"), StringComparison.Ordinal);
        Assert.DoesNotContain("00f067aa0ba902b7", received.Header("traceparent"), StringComparison.Ordinal);
        Assert.Equal("vendor=1", received.Header("tracestate"));
        Assert.DoesNotContain(received.Headers, header => header.Value.Contains("user=alice", StringComparison.Ordinal));
        Assert.DoesNotContain("trace", received.Header("Authorization"), StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(SigV4.Sign(received, "us-east-1", "wickr", AwsEnvironment.SecretAccessKey), received.Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_fetched_No_trace_header_is_sent()
    {
        await using var source = new ScriptedUpstream().Then(
            200,
            """{"AccessKeyId":"AKIDWICKRSIMULATOR00","SecretAccessKey":"wickr-simulator-demo-secret-access-key00","Token":"t","Expiration":"2199-01-01T00:00:00Z"}""",
            "Content-Type: application/json");
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{source.Address}credentials", ["AWS_EC2_METADATA_DISABLED"] = "true" });
        using var client = gateway.Client();

        using var response = await client.SendAsync(Traced());

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.NotEmpty(source.Received);
        Assert.DoesNotContain(source.Received.SelectMany(request => request.Headers), header => header.Key is "traceparent" or "tracestate" or "Request-Id" || header.Value.Contains(TraceId, StringComparison.Ordinal));

        // Their expiry is on the page.
        var page = MetricsPage.Parse(await client.GetStringAsync(new Uri(gateway.Address, "/metrics")));
        Assert.InRange(page.Sum("wickr_gateway_credentials_expiry_seconds"), 1e9, 1e10);
    }

    private static HttpRequestMessage Traced(string body = GatewayFixture.ValidBody)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, GatewayFixture.Path) { Content = Json.Body(body) };
        request.Headers.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
        request.Headers.Add("tracestate", "vendor=1");
        request.Headers.Add("baggage", "user=alice");
        return request;
    }
}
