using System.Text;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>OpenTelemetry's standard variables select what is sent to a collector; without them nothing is.</summary>
public sealed class OtlpTests
{
    private static readonly (string Name, string Value)[] Often =
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_BLRP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];

    [Fact]
    public async Task Collector_is_configured_Receives_metrics_traces_and_logs_under_the_service_name()
    {
        await using var collector = await Collector.StartAsync();
        await using var watched = await StartAsync(collector, ("OTEL_SERVICE_NAME", "offboarding-gateway"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test-bench"));
        await watched.LoadAsync();

        // Spans arrive in several exports.
        string[] attributes = ["http.request.method", "http.route", "http.response.status_code", "wickr_gateway.attempt", "http.request.resend_count", "aws.request_id", "error.type", "wickr_gateway.caller", "wickr_gateway.network", "wickr_gateway.problem", "url.full"];
        await HttpClientExtensions.UntilAsync(() =>
            Array.TrueForAll(attributes, name => collector.Text("traces").Contains(name, StringComparison.Ordinal))
            && collector.Text("traces").Contains("PATCH /networks/{networkId}/users/toggleSuspend", StringComparison.Ordinal)
            && collector.Text("traces").Contains("POST /networks/{networkId}/users/suspend-status", StringComparison.Ordinal)
            && collector.Text("metrics").Contains("wickr_gateway.calls", StringComparison.Ordinal)
            && collector.Text("logs").Contains("Wickr responds with server errors", StringComparison.Ordinal));

        foreach (var signal in (string[])["metrics", "traces", "logs"])
        {
            Assert.Contains("offboarding-gateway", collector.Text(signal), StringComparison.Ordinal);
            Assert.Contains("test-bench", collector.Text(signal), StringComparison.Ordinal);
            foreach (var secret in (string[])[GatewayHost.AllPowerfulKey, AwsEnvironment.SecretAccessKey, AwsEnvironment.AccessKeyId])
                Assert.DoesNotContain(secret, collector.Text(signal), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exemplars_have_the_trace_of_a_call_only_where_they_are_switched_on(bool isOn)
    {
        const string TraceId = "0af7651916cd43dd8448eb211c80319c";
        await using var collector = await Collector.StartAsync();
        await using var watched = isOn ? await StartAsync(collector, ("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based")) : await StartAsync(collector);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/networks/12345678/users/suspend-status") { Content = Json.Body("""{"suspend":true,"userIds":["1"]}""") };
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var response = await watched.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var page = await watched.ScrapeUntilAsync(page => page.Sum("http_server_request_duration_seconds_count", ("http_response_status_code", "200")) == 1);

        // As Prometheus asks for it.
        using var scrape = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        scrape.Headers.Add("Accept", "application/openmetrics-text;version=1.0.0");
        using var scraped = await watched.Client.SendAsync(scrape);
        var exemplars = (await scraped.Content.ReadAsStringAsync()).Split('\n').Where(line => line.Contains($"# {{trace_id=\"{TraceId}\"", StringComparison.Ordinal)).ToList();

        // The plain text format has no place for them.
        Assert.DoesNotContain(TraceId, page.Text, StringComparison.Ordinal);
        foreach (var name in (string[])["http_server_request_duration_seconds_bucket", "wickr_gateway_upstream_duration_seconds_bucket", "wickr_gateway_calls_total", "wickr_gateway_outcomes_total"])
            Assert.Equal(isOn, exemplars.Exists(line => line.StartsWith(name, StringComparison.Ordinal)));

        var trace = Encoding.Latin1.GetString(Convert.FromHexString(TraceId));
        var before = collector.Paths.Count(path => path == "/v1/metrics");
        await HttpClientExtensions.UntilAsync(() => collector.Paths.Count(path => path == "/v1/metrics") >= before + 2);
        Assert.Equal(isOn, collector.Text("metrics").Contains(trace, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_attempts_Are_spans_under_the_server_span_in_the_callers_trace()
    {
        await using var collector = await Collector.StartAsync();
        await using var watched = await StartAsync(collector);
        await watched.FaultAsync(new { status = 500, count = 1 });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/networks/12345678/users/suspend-status") { Content = Json.Body("""{"suspend":true,"userIds":["1"]}""") };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await watched.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();

        // Three spans (one of the server, one for each attempt, none of the HTTP client's own), each with the trace id once.
        var trace = Encoding.Latin1.GetString(Convert.FromHexString("0af7651916cd43dd8448eb211c80319c"));
        var caller = Encoding.Latin1.GetString(Convert.FromHexString("b7ad6b7169203331"));
        await HttpClientExtensions.UntilAsync(() => Occurrences(collector.Text("traces"), trace) >= 3);

        Assert.Equal(3, Occurrences(collector.Text("traces"), trace));
        Assert.Equal(1, Occurrences(collector.Text("traces"), caller));
        Assert.Equal(2, Occurrences(collector.Text("traces"), "PATCH /networks/{networkId}/users/toggleSuspend"));
        Assert.Contains("InternalServerError", collector.Text("traces"), StringComparison.Ordinal);
        foreach (var source in (string[])["WickrGateway.Requests", "WickrGateway.Audit"])
        {
            Assert.Contains(watched.Gateway.Output.Split('\n'), line => line.Contains($"\"source\":\"{source}\"", StringComparison.Ordinal)
                && line.Contains("\"traceId\":\"0af7651916cd43dd8448eb211c80319c\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Spans_Name_caller_network_and_problem_and_the_whole_URL_of_Wickr()
    {
        await using var collector = await Collector.StartAsync();
        await using var watched = await StartAsync(collector);
        await watched.FaultAsync(new { status = 500, count = 3 });
        Assert.Equal(502, await watched.CallAsync("""{"suspend":false,"userIds":["4711"]}"""));
        Assert.Equal(401, await watched.CallAsync(key: null));
        await watched.Gateway.TerminateAsync();
        Assert.Equal(0, await watched.Gateway.ExitAsync());

        var traces = collector.Text("traces");
        // Four spans of the call that failed name its caller and network, and that of the refused call its network alone.
        Assert.Equal(4, Occurrences(traces, Attribute("wickr_gateway.caller", "test")));
        Assert.Equal(5, Occurrences(traces, Attribute("wickr_gateway.network", "12345678")));
        Assert.Equal(1, Occurrences(traces, Attribute("wickr_gateway.problem", "wickr-failed")));
        Assert.Equal(1, Occurrences(traces, Attribute("wickr_gateway.problem", "unauthenticated")));
        Assert.Equal(3, Occurrences(traces, Attribute("url.full", $"{watched.Wickr}networks/12345678/users/toggleSuspend?suspend=false")));
        Assert.DoesNotContain("4711", traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Framework_logs_at_Verbose_Collector_gets_no_path_and_no_query_of_a_caller()
    {
        const string Marker = "words-of-a-caller";
        await using var collector = await Collector.StartAsync();
        await using var watched = await WatchedGateway.StartAsync(
            Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.AbsoluteUri)), "--Serilog:MinimumLevel:Default=Verbose", "--Serilog:MinimumLevel:Override:Microsoft=Verbose");
        foreach (var path in (string[])[$"/{Marker}?{Marker}={Marker}", $"/networks/{Marker}/users/suspend-status?{Marker}={Marker}", $"/healthz?{Marker}", $"/swagger/{Marker}?{Marker}"])
            await RawHttp.SendAsync(watched.Gateway.Address, [$"GET {path} HTTP/1.1"]);

        Assert.Equal(200, await watched.CallAsync());
        await watched.Gateway.TerminateAsync();
        Assert.Equal(0, await watched.Gateway.ExitAsync());

        Assert.Contains("Microsoft.AspNetCore.Hosting.Diagnostics", collector.Text("logs"), StringComparison.Ordinal);
        Assert.Contains("suspend-status", collector.Text("traces"), StringComparison.Ordinal);
        foreach (var signal in (string[])["logs", "traces", "metrics"])
            Assert.DoesNotContain(Marker, collector.Text(signal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true", "")]
    [InlineData("OTEL_TRACES_EXPORTER", "none", "logs metrics")]
    [InlineData("OTEL_LOGS_EXPORTER", "none", "metrics traces")]
    [InlineData("OTEL_METRICS_EXPORTER", "none", "logs traces")]
    public async Task Signal_is_switched_off_Is_not_sent(string variable, string value, string sent)
    {
        await using var collector = await Collector.StartAsync();
        await using (var watched = await StartAsync(collector, (variable, value)))
        {
            await watched.LoadAsync();
            await watched.Gateway.TerminateAsync();
            Assert.Equal(0, await watched.Gateway.ExitAsync());
        }

        Assert.Equal(sent, string.Join(' ', collector.Paths.Select(path => path["/v1/".Length..]).Distinct().Order()));
    }

    [Fact]
    public async Task One_signal_has_an_endpoint_Only_that_signal_is_sent()
    {
        await using var collector = await Collector.StartAsync();
        await using (var watched = await WatchedGateway.StartAsync(Variables(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{collector.Address}v1/traces"))))
        {
            Assert.Equal(200, await watched.CallAsync());
            await watched.Gateway.TerminateAsync();
            Assert.Equal(0, await watched.Gateway.ExitAsync());
        }

        Assert.Equal(["/v1/traces"], collector.Paths.Distinct());
    }

    [Fact]
    public async Task Collector_is_unreachable_Calls_succeed_and_the_gateway_exits_with_0()
    {
        await using var watched = await WatchedGateway.StartAsync(Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")));

        await watched.LoadAsync();
        await watched.Gateway.TerminateAsync();

        Assert.Equal(0, await watched.Gateway.ExitAsync());
    }

    [Fact]
    public async Task Endpoint_is_not_a_URL_Ends_the_start_with_its_name()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => WatchedGateway.StartAsync(Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"))));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https URL", failure.Message, StringComparison.Ordinal);
    }

    private static Task<WatchedGateway> StartAsync(Collector collector, params ReadOnlySpan<(string Name, string Value)> more) =>
        WatchedGateway.StartAsync(Variables([("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.AbsoluteUri), .. more]));

    private static Dictionary<string, string> Variables(params ReadOnlySpan<(string Name, string Value)> more)
    {
        var variables = Often.ToDictionary(variable => variable.Name, variable => variable.Value);
        foreach (var (name, value) in more)
            variables[name] = value;

        return variables;
    }

    /// <summary>A text attribute as protobuf has it: the key, and a value whose first field is a string; both with their lengths, which are under 128 here.</summary>
    private static string Attribute(string key, string value) => $"{(char)key.Length}{key}\x12{(char)(value.Length + 2)}\n{(char)value.Length}{value}";

    private static int Occurrences(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;
}
