using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace WickrSimulator.Tests;

public sealed class SignatureTests : IAsyncLifetime
{
    private SimulatorHost _simulator = null!;

    public static TheoryData<string, string> Refusals => new()
    {
        { "no signature", "MissingAuthenticationTokenException" },
        { "malformed authorization", "IncompleteSignatureException" },
        { "another scheme", "IncompleteSignatureException" },
        { "unknown access key", "UnrecognizedClientException" },
        { "a session token of other credentials", "UnrecognizedClientException" },
        { "wrong secret", "InvalidSignatureException" },
        { "wrong region", "InvalidSignatureException" },
        { "wrong service", "InvalidSignatureException" },
        { "16 minutes ago", "InvalidSignatureException" },
        { "in 16 minutes", "InvalidSignatureException" },
        { "another body", "InvalidSignatureException" },
        { "another query", "InvalidSignatureException" },
        { "another method", "InvalidSignatureException" },
        { "an unsigned x-amz header", "InvalidSignatureException" },
        { "a changed signed header", "InvalidSignatureException" },
        { "another body hash", "InvalidSignatureException" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_invalid_signature_Is_refused_and_has_no_effect(string defect, string errorType)
    {
        using var response = await _simulator.ToggleAsync(true, ["1"], "token", change: builder => Apply(builder, defect));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(errorType, response.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.Single(response.Headers.GetValues("x-amzn-RequestId"));
        if (errorType == "InvalidSignatureException")
            Assert.Contains("'PATCH\n/networks/12345678/users/toggleSuspend\nsuspend=", await MessageAsync(response), StringComparison.Ordinal);
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        var entry = Assert.Single(await _simulator.RequestsAsync());
        Assert.Equal(errorType, entry.GetProperty("errorType").GetString());
        Assert.False(entry.GetProperty("effect").GetBoolean());
    }

    [Theory]
    [InlineData(-901, HttpStatusCode.Forbidden)]
    [InlineData(-900, HttpStatusCode.OK)]
    [InlineData(900, HttpStatusCode.OK)]
    [InlineData(901, HttpStatusCode.Forbidden)]
    public async Task A_clock_Is_accepted_up_to_15_minutes_off(int seconds, HttpStatusCode status)
    {
        var noon = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        await using var simulator = await SimulatorHost.StartAsync(new FakeTimeProvider(noon));

        using var response = await simulator.ToggleAsync(true, ["1"], change: builder => builder.SignedAt = noon.AddSeconds(seconds));

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(noon, response.Headers.Date);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("token")]
    public async Task Temporary_credentials_without_their_session_token_Are_refused(string? token)
    {
        await using var simulator = await SimulatorHost.StartAsync(
            "--Simulator:Credentials:0:AccessKeyId=ASIAX", "--Simulator:Credentials:0:SecretAccessKey=secret", "--Simulator:Credentials:0:SessionToken=token==");

        using var response = await simulator.ToggleAsync(true, ["1"], change: builder =>
        {
            (builder.AccessKeyId, builder.SecretAccessKey) = ("ASIAX", "secret");
            if (token is not null)
                builder.Headers["x-amz-security-token"] = token;
        });

        Assert.Equal("UnrecognizedClientException", response.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task Temporary_credentials_with_their_session_token_Are_accepted()
    {
        await using var simulator = await SimulatorHost.StartAsync(
            "--Simulator:Credentials:0:AccessKeyId=ASIAX", "--Simulator:Credentials:0:SecretAccessKey=secret", "--Simulator:Credentials:0:SessionToken=token==");

        using var response = await simulator.ToggleAsync(true, ["1"], change: builder =>
        {
            (builder.AccessKeyId, builder.SecretAccessKey) = ("ASIAX", "secret");
            builder.Headers["x-amz-security-token"] = "token==";
        });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Spaces_in_signed_header_values_Are_collapsed()
    {
        using var response = await _simulator.ToggleAsync(true, ["1"], change: builder => builder.Headers["x-note"] = "a   b");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static async Task<string> MessageAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("message").GetString()!;

    private static void Apply(RequestBuilder builder, string defect)
    {
        switch (defect)
        {
            case "no signature": builder.AfterSigning = request => request.Headers.Remove("Authorization"); break;
            case "malformed authorization": builder.AfterSigning = request => Replace(request, "Authorization", "AWS4-HMAC-SHA256 Credential=x"); break;
            case "another scheme": builder.AfterSigning = request => Replace(request, "Authorization", "Basic eDp5"); break;
            case "unknown access key": builder.AccessKeyId = "AKIDUNKNOWN"; break;
            case "a session token of other credentials": builder.Headers["x-amz-security-token"] = "x"; break;
            case "wrong secret": builder.SecretAccessKey = "x"; break;
            case "wrong region": builder.Region = "eu-west-1"; break;
            case "wrong service": builder.Service = "s3"; break;
            case "16 minutes ago": builder.SignedAt -= TimeSpan.FromMinutes(16); break;
            case "in 16 minutes": builder.SignedAt += TimeSpan.FromMinutes(16); break;
            case "another body": builder.AfterSigning = request => request.Content = new StringContent("""{"userIds":["2"]}"""); break;
            case "another query": builder.AfterSigning = request => request.RequestUri = new Uri(request.RequestUri!.AbsoluteUri.Replace("true", "false", StringComparison.Ordinal)); break;
            case "another method": builder.Method = "POST"; builder.AfterSigning = request => request.Method = HttpMethod.Patch; break;
            case "an unsigned x-amz header": builder.AfterSigning = request => request.Headers.Add("x-amz-more", "1"); break;
            case "a changed signed header": builder.AfterSigning = request => Replace(request, "x-client-token", "other"); break;
            case "another body hash": builder.Headers["x-amz-content-sha256"] = new string('0', 64); break;
            default: throw new ArgumentOutOfRangeException(nameof(defect));
        }
    }

    private static void Replace(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }
}
