using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Telemetry;

/// <summary>Every response has its trace id in <c>X-Trace-Id</c>: the same as in the problem, the log and the audit.</summary>
public sealed class TraceIdTests
{
    private const string Header = "X-Trace-Id";
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task A_200_Has_the_trace_id_of_the_callers_traceparent()
    {
        await using var fixture = new GatewayFixture();
        fixture.Wickr.Then(200, GatewayFixture.Success, $"{Header}: not-wickrs-to-say");

        var response = await fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, $"traceparent: 00-{TraceId}-00f067aa0ba902b7-01");

        Assert.Equal((200, TraceId), (response.Status, response.Header(Header)));
    }

    [Fact]
    public async Task Each_response_Has_one_and_a_problem_has_the_same_in_its_body()
    {
        await using var fixture = new GatewayFixture();
        fixture.Wickr.Then(200, GatewayFixture.Success).Then(500, "{}");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string[] ownKey = ["Content-Type: application/json", $"X-Api-Key: {GatewayHost.AllPowerfulKey}"];
        foreach (var (expected, target, headers, body) in ((int, string, string[], string)[])
            [
                (200, $"POST {GatewayFixture.Path}", ownKey, GatewayFixture.ValidBody),
                (502, $"POST {GatewayFixture.Path}", ownKey, GatewayFixture.ValidBody),
                (200, $"POST {GatewayFixture.Path}/dry-run", ownKey, GatewayFixture.ValidBody),
                (400, $"POST {GatewayFixture.Path}", ownKey, "{}"),
                (415, $"POST {GatewayFixture.Path}", [ownKey[1]], "{}"),
                (401, $"POST {GatewayFixture.Path}", [], GatewayFixture.ValidBody),
                (200, "GET /whoami", ownKey, ""),
                (404, "GET /nowhere", [], ""),
                (404, $"POST {GatewayFixture.Path}/", ownKey, GatewayFixture.ValidBody),
                (405, $"GET {GatewayFixture.Path}", [], ""),
                (200, "GET /healthz", [], ""),
                (200, "HEAD /readyz", [], ""),
                (200, "GET /metrics", [], ""),
                (405, "POST /metrics", [], ""),
                (302, "GET /", [], ""),
                (200, "GET /swagger/v1/swagger.json", [], ""),
                (200, "GET /swagger/index.html", [], ""),
                (404, "GET /swagger/nothing", [], ""),
            ])
        {
            var response = await RawHttp.SendAsync(fixture.Gateway.Address, [$"{target} HTTP/1.1", $"Content-Length: {body.Length}", .. headers], body);

            Assert.True(response.Status == expected, $"{target}: {response.Status}");
            var id = response.Header(Header);
            Assert.Matches("^[0-9a-f]{32}$", id);
            Assert.True(seen.Add(id!), $"{target}: the id of an earlier response");
            if (response.Header("Content-Type") == "application/problem+json" && response.Body.Contains("traceId", StringComparison.Ordinal))
                Assert.Equal(id, JsonDocument.Parse(response.Body).RootElement.GetProperty("traceId").GetString());
        }
    }

    [Fact]
    public async Task The_gateway_fails_outside_of_an_operation_The_500_has_the_trace_id_of_its_problem()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address, services: services => services.AddSingleton<WickrGateway.OpenApi.OpenApiDocuments>(_ => throw new InvalidOperationException()));

        var response = await RawHttp.SendAsync(gateway.Address, ["GET /swagger/v1/swagger.json HTTP/1.1"]);

        Assert.Equal(500, response.Status);
        Assert.Equal(JsonDocument.Parse(response.Body).RootElement.GetProperty("traceId").GetString(), response.Header(Header));
    }

    [Fact]
    public async Task A_bulk_response_Has_the_trace_id_of_its_lines()
    {
        await using var fixture = new GatewayFixture();
        fixture.Wickr.Then(500, "{}");

        using var response = await fixture.Client.PostAsync($"{GatewayFixture.Path}/bulk", Json.Body(GatewayFixture.ValidBody));

        var line = (await response.Content.ReadAsStringAsync()).Split('\n')[0];
        Assert.Equal(JsonDocument.Parse(line).RootElement.GetProperty("problem").GetProperty("traceId").GetString(), response.Headers.GetValues(Header).Single());
    }

    [Fact]
    public async Task Log_and_audit_Have_the_same_id()
    {
        await using var watched = await WatchedGateway.StartAsync();
        using var response = await watched.Client.PostAsJsonAsync("/networks/12345678/users/suspend-status", new { suspend = true, userIds = (string[])["1"] });

        var id = response.Headers.GetValues(Header).Single();
        foreach (var source in (string[])["WickrGateway.Requests", "WickrGateway.Audit"])
            await HttpClientExtensions.UntilAsync(() => watched.Gateway.StandardOutput.Any(line => line.Contains($"\"source\":\"{source}\"", StringComparison.Ordinal) && line.Contains($"\"traceId\":\"{id}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nothing_is_logged_and_nothing_listens_The_id_has_the_same_form()
    {
        await using var watched = await WatchedGateway.StartAsync(environment: null, "--Management:Port=0", "--Serilog:MinimumLevel:Override:Microsoft.AspNetCore=Fatal");
        var management = watched.Gateway.ManagementAddress;

        foreach (var path in (string[])["/healthz", "/readyz", "/metrics", "/nowhere"])
        {
            var response = await RawHttp.SendAsync(management, [$"GET {path} HTTP/1.1"]);
            Assert.Matches("^[0-9a-f]{32}$", response.Header(Header));
        }
    }
}
