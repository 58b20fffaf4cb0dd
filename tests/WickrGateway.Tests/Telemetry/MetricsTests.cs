using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using WickrGateway.Tests.Deploy;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>The figures on <c>/metrics</c> are those of what happened, and callers cannot make their number grow.</summary>
public sealed partial class MetricsTests
{
    [Fact]
    public async Task The_figures_agree_with_what_happened()
    {
        await using var watched = await WatchedGateway.StartAsync();
        await watched.LoadAsync();

        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") == 9);

        Assert.Equal(4, Calls("suspend", "12345678", "test", "none"));
        Assert.Equal(1, Calls("unsuspend", "12345678", "test", "none"));
        Assert.Equal(1, Calls("suspend", "12345678", "test", "wickr-failed"));
        Assert.Equal(1, Calls("suspend", "other", "test", "wickr-rejected"));
        Assert.Equal(1, Calls("none", "12345678", "test", "invalid-request"));
        Assert.Equal(1, Calls("none", "12345678", "none", "unauthenticated"));
        Assert.Equal(5, page.Sum("wickr_gateway_users_total", ("action", "suspend"), ("result", "successful")));
        Assert.Equal(1, page.Sum("wickr_gateway_users_total", ("action", "suspend"), ("result", "failed")));
        Assert.Equal(1, page.Sum("wickr_gateway_users_total", ("action", "unsuspend"), ("result", "successful")));
        Assert.Equal(3, page.Sum("wickr_gateway_retries_total", ("reason", "transient")));
        Assert.Equal(1, page.Sum("wickr_gateway_retries_total", ("reason", "throttling")));
        Assert.Equal(7, page.Sum("wickr_gateway_attempts_count"));
        Assert.Equal(11, page.Sum("wickr_gateway_attempts_sum"));
        Assert.Equal(5, page.Sum("wickr_gateway_attempts_count", ("outcome", "applied")));
        Assert.Equal(1, page.Sum("wickr_gateway_attempts_count", ("outcome", "unknown")));
        Assert.Equal(4, page.Sum("wickr_gateway_upstream_duration_seconds_count", ("result", "server-error")));
        Assert.Equal(1, page.Sum("wickr_gateway_upstream_duration_seconds_count", ("result", "throttled")));
        Assert.Equal(5, page.Sum("wickr_gateway_upstream_duration_seconds_count", ("result", "accepted")));
        Assert.Equal(1, page.Sum("wickr_gateway_upstream_duration_seconds_count", ("result", "rejected")));
        // 500 at most; two retries of one call went for nothing, and later successes gave back one each at most.
        Assert.Equal(500 - 28, page.Sum("wickr_gateway_retry_budget"));
        Assert.Equal(1, page.Sum("wickr_gateway_circuit_state", ("state", "closed")));
        Assert.Equal(0, page.Sum("wickr_gateway_circuit_state", ("state", "open")));
        Assert.Equal(0, page.Sum("wickr_gateway_audit_failures_total"));
        Assert.Equal(9, page.Sum("http_server_request_duration_seconds_count", ("http_route", "/networks/{networkId}/users/suspend-status")));
        // The framework would count these for each request too.
        Assert.DoesNotContain(page.Samples, sample => sample.Name.Contains("active_requests", StringComparison.Ordinal) || sample.Name.StartsWith("http_client_request_", StringComparison.Ordinal));

        double Calls(string action, string network, string caller, string problem) =>
            page.Sum("wickr_gateway_calls_total", ("action", action), ("network", network), ("caller", caller), ("problem", problem));
    }

    [Fact]
    public async Task Before_the_first_call_nothing_is_counted()
    {
        await using var watched = await WatchedGateway.StartAsync();

        var page = await watched.ScrapeAsync();

        // The warm-up at the start is not a call.
        Assert.DoesNotContain(page.Samples, sample => sample.Name.StartsWith("http_client_", StringComparison.Ordinal));
        Assert.Equal(0, page.Sum("wickr_gateway_calls_total") + page.Sum("wickr_gateway_attempts_count") + page.Sum("wickr_gateway_upstream_duration_seconds_count"));
    }

    [Fact]
    public async Task Before_the_first_call_every_outcome_is_there_as_zero()
    {
        await using var watched = await WatchedGateway.StartAsync();

        var outcomes = (await watched.ScrapeAsync()).Samples.Where(sample => sample.Name == "wickr_gateway_outcomes_total").ToList();

        using var api = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.PathOf("src", "WickrGateway", "openapi.json")));
        var problems = ProblemUrn().Matches(api.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("Problem").GetRawText()).Select(match => match.Groups["name"].Value).Distinct();
        Assert.Equal(problems.Append("none").Append("disconnected").Order(), outcomes.Select(outcome => outcome.Labels["problem"]).Order());
        Assert.All(outcomes, outcome => Assert.Equal(["problem"], outcome.Labels.Keys));
        Assert.All(outcomes, outcome => Assert.Equal(0, outcome.Value));
    }

    [Fact]
    public async Task Every_call_is_one_outcome_with_the_same_problem()
    {
        await using var watched = await WatchedGateway.StartAsync();
        await watched.LoadAsync();
        // A dry run and /whoami count only when they are refused.
        Assert.Equal(200, await watched.CallAsync(network: "12345678", path: "/dry-run"));
        Assert.Equal(400, await watched.CallAsync("{}", path: "/dry-run"));
        using var whoAmI = await watched.Client.GetAsync("/whoami");
        Assert.Equal(HttpStatusCode.OK, whoAmI.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Anonymous.GetAsync(new Uri(watched.Gateway.Address, "/whoami"))).StatusCode);

        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_outcomes_total") == 11);

        Assert.Equal(5, page.Sum("wickr_gateway_outcomes_total", ("problem", "none")));
        Assert.Equal(1, page.Sum("wickr_gateway_outcomes_total", ("problem", "wickr-failed")));
        Assert.Equal(2, page.Sum("wickr_gateway_outcomes_total", ("problem", "invalid-request")));
        Assert.Equal(2, page.Sum("wickr_gateway_outcomes_total", ("problem", "unauthenticated")));
        foreach (var problem in page.Samples.Where(sample => sample.Name == "wickr_gateway_outcomes_total").Select(sample => sample.Labels["problem"]))
            Assert.Equal(page.Sum("wickr_gateway_calls_total", ("problem", problem)), page.Sum("wickr_gateway_outcomes_total", ("problem", problem)));
    }

    /// <summary>A call that used all of its time must not be shown as one that took as long as the last bucket.</summary>
    [Fact]
    public async Task Durations_have_a_bucket_beyond_the_longest_total_timeout()
    {
        var longest = TimeSpan.FromMinutes(15).TotalSeconds;
        await using var watched = await WatchedGateway.StartAsync(environment: null, $"--Wickr:TotalTimeout={TimeSpan.FromSeconds(longest):c}");
        await watched.LoadAsync();
        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") == 9);

        foreach (var name in (string[])["wickr_gateway_upstream_duration_seconds_bucket", "http_server_request_duration_seconds_bucket"])
        {
            var bounds = page.Samples.Where(sample => sample.Name == name && sample.Labels["le"] != "+Inf").Select(sample => double.Parse(sample.Labels["le"], CultureInfo.InvariantCulture)).Distinct().ToList();
            Assert.True(bounds.Max() > longest, name);
            // The default of 20 s, and the objective.
            Assert.Contains(bounds, bound => bound is > 20 and < 30);
            Assert.Contains(2.5, bounds);
        }
    }

    /// <summary>What was counted before Prometheus saw the gateway is no increase to it; with the start's time the alerts know that it is new.</summary>
    [Fact]
    public async Task The_page_says_when_the_gateway_started()
    {
        var before = DateTimeOffset.UtcNow;
        await using var watched = await WatchedGateway.StartAsync();

        var start = (await watched.ScrapeAsync()).Sum("wickr_gateway_start_time_seconds");

        Assert.InRange(start, before.ToUnixTimeMilliseconds() / 1000.0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
    }

    [Fact]
    public async Task Ten_thousand_hostile_calls_make_no_more_label_sets_than_a_few()
    {
        await using var watched = await WatchedGateway.StartAsync();
        await watched.LoadAsync();
        var before = (await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") == 9)).Samples.Count;

        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var request = new HttpRequestMessage(new HttpMethod(i % 5 == 4 ? $"M{i}" : "POST"), $"{watched.Gateway.Address}networks/{(i % 5 == 3 ? $"x{i}" : $"{i:00000000}")}/users/suspend-status{(i % 5 == 2 ? $"/{i}" : $"?q={i}")}")
            {
                Content = Json.Body(i % 5 == 1 ? $$"""{"suspend":{{i}},"x{{i}}":1}""" : $$"""{"suspend":true,"userIds":["{{i}}"],"clientToken":"t:{{i}}"}"""),
            };
            request.Headers.TryAddWithoutValidation("User-Agent", $"agent-{i}");
            request.Headers.TryAddWithoutValidation("X-Api-Key", i % 3 == 0 ? $"key-{i}" : GatewayHost.AllPowerfulKey);

            request.Headers.Host = $"host-{i}.example";
            request.Headers.TryAddWithoutValidation("traceparent", $"00-{i:x32}-{i + 1:x16}-01");
            using var response = await Anonymous.SendAsync(request, CancellationToken.None);
        });

        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") >= 6_000);

        Assert.InRange(page.Samples.Count, before, before + 400);
        Assert.InRange(page.Samples.Count(sample => sample.Name == "wickr_gateway_calls_total"), 1, 30);
        Assert.All(page.Samples, sample => Assert.DoesNotContain("otel_metric_overflow", sample.Labels.Keys));

        // Nothing a caller made up is on the page.
        Assert.DoesNotContain("agent-", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("example", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("00000123", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("M1234", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_needs_no_credential_tells_no_secret_and_takes_no_other_method()
    {
        await using var watched = await WatchedGateway.StartAsync();
        await watched.LoadAsync();

        using var response = await Anonymous.GetAsync(new Uri(watched.Gateway.Address, "/metrics"));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        foreach (var secret in (string[])[GatewayHost.AllPowerfulKey, GatewayHost.Sha256(GatewayHost.AllPowerfulKey), AwsEnvironment.SecretAccessKey, AwsEnvironment.AccessKeyId])
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);

        using var posted = await Anonymous.PostAsync(new Uri(watched.Gateway.Address, "/metrics"), content: null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task An_audit_that_cannot_be_written_is_counted()
    {
        var directory = Directory.CreateTempSubdirectory("audit");
        await using var watched = await WatchedGateway.StartAsync(environment: null, $"--Audit:Path={directory.FullName}/audit.jsonl");
        directory.Delete(recursive: true);

        Assert.Equal(503, await watched.CallAsync());

        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_audit_failures_total") >= 1);
        Assert.Equal(1, page.Sum("wickr_gateway_calls_total", ("problem", "audit-unavailable")));
    }

    [Fact]
    public async Task OTEL_SDK_DISABLED_leaves_a_gateway_that_works_and_has_no_page()
    {
        await using var watched = await WatchedGateway.StartAsync(new() { ["OTEL_SDK_DISABLED"] = "true", ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1" });

        Assert.Equal(200, await watched.CallAsync());
        using var response = await Anonymous.GetAsync(new Uri(watched.Gateway.Address, "/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Prometheus_own_tool_finds_no_fault_with_the_page()
    {
        Assert.SkipUnless(Tool.IsThere("promtool"), "promtool (Debian's package prometheus) is not there");
        await using var watched = await WatchedGateway.StartAsync();
        await watched.LoadAsync();
        var page = await watched.ScrapeUntilAsync(page => page.Sum("wickr_gateway_calls_total") == 9);

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(page.Text);
        promtool.StandardInput.Close();
        var faults = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.Equal("", faults);
        Assert.Equal(0, promtool.ExitCode);
    }

    private static readonly HttpClient Anonymous = new(new SocketsHttpHandler { ActivityHeadersPropagator = null });

    [GeneratedRegex("urn:wickr-gateway:(?<name>[a-z-]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ProblemUrn();
}
