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
        { "unreadable authorization", "IncompleteSignatureException" },
        { "another scheme", "IncompleteSignatureException" },
        { "unknown key", "UnrecognizedClientException" },
        { "a session token that is not the key's", "UnrecognizedClientException" },
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
    public async Task A_request_not_rightly_signed_is_refused_and_has_no_effect(string what, string errorType)
    {
        using var answer = await _simulator.ToggleAsync(true, ["1"], "token", change: signing => Spoil(signing, what));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(errorType, answer.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.Single(answer.Headers.GetValues("x-amzn-RequestId"));
        if (errorType == "InvalidSignatureException")
            Assert.Contains("'PATCH\n/networks/12345678/users/toggleSuspend\nsuspend=", await MessageAsync(answer), StringComparison.Ordinal);
        Assert.False(await _simulator.IsSuspendedAsync("1"));
        var entry = Assert.Single(await _simulator.JournalAsync());
        Assert.Equal(errorType, entry.GetProperty("errorType").GetString());
        Assert.False(entry.GetProperty("effect").GetBoolean());
    }

    [Theory]
    [InlineData(-901, HttpStatusCode.Forbidden)]
    [InlineData(-900, HttpStatusCode.OK)]
    [InlineData(900, HttpStatusCode.OK)]
    [InlineData(901, HttpStatusCode.Forbidden)]
    public async Task A_clock_may_be_fifteen_minutes_off_and_no_more(int seconds, HttpStatusCode status)
    {
        var noon = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        await using var simulator = await SimulatorHost.StartAsync(new FakeTimeProvider(noon));

        using var answer = await simulator.ToggleAsync(true, ["1"], change: signing => signing.At = noon.AddSeconds(seconds));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(noon, answer.Headers.Date);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("token")]
    public async Task A_temporary_key_without_its_session_token_is_refused(string? token)
    {
        await using var simulator = await SimulatorHost.StartAsync(
            "--Simulator:Credentials:0:AccessKeyId=ASIAX", "--Simulator:Credentials:0:SecretAccessKey=secret", "--Simulator:Credentials:0:SessionToken=token==");

        using var answer = await simulator.ToggleAsync(true, ["1"], change: signing =>
        {
            (signing.AccessKeyId, signing.SecretAccessKey) = ("ASIAX", "secret");
            if (token is not null)
                signing.Headers["x-amz-security-token"] = token;
        });

        Assert.Equal("UnrecognizedClientException", answer.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task A_session_token_that_is_the_key_s_is_let_in()
    {
        await using var simulator = await SimulatorHost.StartAsync(
            "--Simulator:Credentials:0:AccessKeyId=ASIAX", "--Simulator:Credentials:0:SecretAccessKey=secret", "--Simulator:Credentials:0:SessionToken=token==");

        using var answer = await simulator.ToggleAsync(true, ["1"], change: signing =>
        {
            (signing.AccessKeyId, signing.SecretAccessKey) = ("ASIAX", "secret");
            signing.Headers["x-amz-security-token"] = "token==";
        });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Spaces_in_signed_header_values_are_collapsed()
    {
        using var answer = await _simulator.ToggleAsync(true, ["1"], change: signing => signing.Headers["x-note"] = "a   b");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static async Task<string> MessageAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("message").GetString()!;

    private static void Spoil(Signing signing, string what)
    {
        switch (what)
        {
            case "no signature": signing.Afterwards = request => request.Headers.Remove("Authorization"); break;
            case "unreadable authorization": signing.Afterwards = request => Replace(request, "Authorization", "AWS4-HMAC-SHA256 Credential=x"); break;
            case "another scheme": signing.Afterwards = request => Replace(request, "Authorization", "Basic eDp5"); break;
            case "unknown key": signing.AccessKeyId = "AKIDNOBODY"; break;
            case "a session token that is not the key's": signing.Headers["x-amz-security-token"] = "x"; break;
            case "wrong secret": signing.SecretAccessKey = "x"; break;
            case "wrong region": signing.Region = "eu-west-1"; break;
            case "wrong service": signing.Service = "s3"; break;
            case "16 minutes ago": signing.At -= TimeSpan.FromMinutes(16); break;
            case "in 16 minutes": signing.At += TimeSpan.FromMinutes(16); break;
            case "another body": signing.Afterwards = request => request.Content = new StringContent("""{"userIds":["2"]}"""); break;
            case "another query": signing.Afterwards = request => request.RequestUri = new Uri(request.RequestUri!.AbsoluteUri.Replace("true", "false", StringComparison.Ordinal)); break;
            case "another method": signing.Method = "POST"; signing.Afterwards = request => request.Method = HttpMethod.Patch; break;
            case "an unsigned x-amz header": signing.Afterwards = request => request.Headers.Add("x-amz-more", "1"); break;
            case "a changed signed header": signing.Afterwards = request => Replace(request, "x-client-token", "other"); break;
            case "another body hash": signing.Headers["x-amz-content-sha256"] = new string('0', 64); break;
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }
    }

    private static void Replace(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }
}
