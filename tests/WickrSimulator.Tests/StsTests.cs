using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Time.Testing;

namespace WickrSimulator.Tests;

/// <summary>STS, and what its sessions may do at Wickr.</summary>
public sealed class StsTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::111122223333:role/path/wickr";
    private const string OtherRole = "arn:aws:iam::444455556666:role/other";
    private const string OwnedNetwork = "22222222";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
    private SimulatorHost _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync(
        _clock,
        "--Simulator:Networks:12345678=100", $"--Simulator:Networks:{OwnedNetwork}=5", "--Simulator:Region=us-east-1, eu-central-1",
        $"--Simulator:Roles:0:Arn={Role}", "--Simulator:Roles:0:ExternalId=external", $"--Simulator:Roles:0:Networks:0={OwnedNetwork}",
        $"--Simulator:Roles:1:Arn={OtherRole}");

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task AssumeRole_Returns_a_session_that_signs_and_is_in_the_request_log()
    {
        var session = await AssumeAsync($"RoleArn={Role}&RoleSessionName=offboarding&ExternalId=external&SourceIdentity=offboarding&DurationSeconds=900");

        using var response = await ToggleAsync(session, OwnedNetwork, region: "eu-central-1");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.StartsWith("ASIA", session.Id, StringComparison.Ordinal);
        Assert.Equal("arn:aws:sts::111122223333:assumed-role/wickr/offboarding", session.Arn);
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 12, 15, 0, TimeSpan.Zero), session.Expiration);
        var logged = (await _simulator.RequestsAsync()).Single();
        Assert.Equal(("offboarding", "offboarding", "eu-central-1"), (Text(logged, "sessionName"), Text(logged, "sourceIdentity"), Text(logged, "region")));
    }

    [Fact]
    public async Task Long_term_credentials_Are_logged_without_a_session()
    {
        using var response = await _simulator.ToggleAsync(true, ["1"], change: request => request.SignedAt = _clock.GetUtcNow());

        var logged = (await _simulator.RequestsAsync()).Single();
        Assert.Equal("us-east-1", Text(logged, "region"));
        Assert.False(logged.TryGetProperty("sessionName", out _) || logged.TryGetProperty("sourceIdentity", out _));
    }

    [Fact]
    public async Task A_session_Expires()
    {
        var session = await AssumeAsync($"RoleArn={OtherRole}&RoleSessionName=ab&DurationSeconds=900");
        using var before = await ToggleAsync(session, "12345678");
        _clock.Advance(TimeSpan.FromMinutes(15));

        using var after = await ToggleAsync(session, "12345678");

        Assert.Equal((200, 403), ((int)before.StatusCode, (int)after.StatusCode));
        Assert.Equal("ExpiredTokenException", after.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task A_network_that_a_role_names_Takes_only_its_sessions()
    {
        var other = await AssumeAsync($"RoleArn={OtherRole}&RoleSessionName=ab");

        using var longTerm = await _simulator.ToggleAsync(true, ["1"], network: OwnedNetwork, change: request => request.SignedAt = _clock.GetUtcNow());
        using var otherRole = await ToggleAsync(other, OwnedNetwork);
        using var elsewhere = await ToggleAsync(other, "12345678");

        Assert.All((HttpResponseMessage[])[longTerm, otherRole], response => Assert.Equal("AccessDeniedException", response.Headers.GetValues("x-amzn-ErrorType").Single()));
        Assert.Equal((403, 403, 200), ((int)longTerm.StatusCode, (int)otherRole.StatusCode, (int)elsewhere.StatusCode));
    }

    [Theory]
    [InlineData($"RoleArn={Role}&RoleSessionName=ab", 403, "AccessDenied")]
    [InlineData($"RoleArn={Role}&RoleSessionName=ab&ExternalId=wrong", 403, "AccessDenied")]
    [InlineData("RoleArn=arn:aws:iam::111122223333:role/none&RoleSessionName=ab", 403, "AccessDenied")]
    [InlineData($"RoleArn={OtherRole}", 400, "ValidationError")]
    [InlineData($"RoleArn={OtherRole}&RoleSessionName=a", 400, "ValidationError")]
    [InlineData($"RoleArn={OtherRole}&RoleSessionName=a%20b", 400, "ValidationError")]
    [InlineData($"RoleArn={OtherRole}&RoleSessionName=ab&SourceIdentity=a", 400, "ValidationError")]
    [InlineData($"RoleArn={OtherRole}&RoleSessionName=ab&DurationSeconds=899", 400, "ValidationError")]
    [InlineData($"RoleArn={OtherRole}&RoleSessionName=ab&DurationSeconds=43201", 400, "ValidationError")]
    public async Task AssumeRole_Refuses_as_AWS_does(string parameters, int status, string code)
    {
        using var response = await StsAsync($"Action=AssumeRole&Version=2011-06-15&{parameters}");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, Value(await XmlAsync(response), "Code"));
    }

    [Fact]
    public async Task A_session_Assumes_another_role_for_an_hour_at_most_and_keeps_its_source_identity()
    {
        var first = await AssumeAsync($"RoleArn={OtherRole}&RoleSessionName=first&SourceIdentity=me");

        using var tooLong = await StsAsync($"Action=AssumeRole&RoleArn={Role}&ExternalId=external&RoleSessionName=second&DurationSeconds=3601", first);
        using var chained = await StsAsync($"Action=AssumeRole&RoleArn={Role}&ExternalId=external&RoleSessionName=second&DurationSeconds=3600", first);

        Assert.Equal("ValidationError", Value(await XmlAsync(tooLong), "Code"));
        Assert.Equal("me", Value(await XmlAsync(chained), "SourceIdentity"));
    }

    [Fact]
    public async Task GetCallerIdentity_Returns_who_signed()
    {
        var session = await AssumeAsync($"RoleArn={OtherRole}&RoleSessionName=ab");
        using var longTerm = await StsAsync("Action=GetCallerIdentity&Version=2011-06-15");
        using var role = await StsAsync("Action=GetCallerIdentity&Version=2011-06-15", session);

        Assert.Equal("arn:aws:iam::123456789012:user/simulator", Value(await XmlAsync(longTerm), "Arn"));
        var identity = await XmlAsync(role);
        Assert.Equal(("arn:aws:sts::444455556666:assumed-role/other/ab", "444455556666"), (Value(identity, "Arn"), Value(identity, "Account")));
    }

    [Theory]
    [InlineData("wickr", "us-east-1", null, "SignatureDoesNotMatch")]
    [InlineData("sts", "us-west-2", null, "SignatureDoesNotMatch")]
    [InlineData("sts", "us-east-1", "AKIDUNKNOWN", "InvalidClientTokenId")]
    [InlineData("sts", "us-east-1", "", "MissingAuthenticationToken")]
    public async Task A_wrong_signature_Is_refused_in_the_words_of_STS(string service, string region, string? key, string code)
    {
        using var response = await SendAsync(request =>
        {
            (request.Method, request.Body, request.Service, request.Region) = ("POST", "Action=GetCallerIdentity", service, region);
            if (key is { Length: > 0 })
                request.AccessKeyId = key;
            else if (key is not null)
                request.AfterSigning = message => message.Headers.Remove("Authorization");
        });

        Assert.Equal(403, (int)response.StatusCode);
        Assert.Equal(code, Value(await XmlAsync(response), "Code"));
    }

    [Fact]
    public async Task A_reset_Forgets_the_sessions()
    {
        var session = await AssumeAsync($"RoleArn={OtherRole}&RoleSessionName=ab");
        (await _simulator.Client.PostAsync("/_simulator/reset", null)).Dispose();

        using var response = await ToggleAsync(session, "12345678");

        Assert.Equal("UnrecognizedClientException", response.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    private static string? Text(JsonElement entry, string name) => entry.GetProperty(name).GetString();

    private static string? Value(XElement xml, string name) => xml.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    private static async Task<XElement> XmlAsync(HttpResponseMessage response) => XElement.Parse(await response.Content.ReadAsStringAsync());

    private async Task<Session> AssumeAsync(string parameters)
    {
        using var response = await StsAsync($"Action=AssumeRole&Version=2011-06-15&{parameters}");
        var xml = await XmlAsync(response);
        Assert.True((int)response.StatusCode == 200, xml.ToString());
        return new Session(Value(xml, "AccessKeyId")!, Value(xml, "SecretAccessKey")!, Value(xml, "SessionToken")!, Value(xml, "Arn")!, DateTimeOffset.Parse(Value(xml, "Expiration")!, System.Globalization.CultureInfo.InvariantCulture));
    }

    private Task<HttpResponseMessage> StsAsync(string form, Session? session = null) => SendAsync(request =>
    {
        (request.Method, request.Body, request.Service) = ("POST", form, "sts");
        session?.Sign(request);
    });

    private Task<HttpResponseMessage> ToggleAsync(Session session, string network, string region = "us-east-1") => _simulator.ToggleAsync(true, ["1"], network: network, change: request =>
    {
        request.SignedAt = _clock.GetUtcNow();
        request.Region = region;
        session.Sign(request);
    });

    private async Task<HttpResponseMessage> SendAsync(Action<RequestBuilder> change)
    {
        var builder = new RequestBuilder { SignedAt = _clock.GetUtcNow() };
        change(builder);
        return await _simulator.Client.SendAsync(builder.Build(_simulator.Address));
    }

    private sealed record Session(string Id, string Secret, string Token, string Arn, DateTimeOffset Expiration)
    {
        public void Sign(RequestBuilder request)
        {
            (request.AccessKeyId, request.SecretAccessKey) = (Id, Secret);
            request.Headers["x-amz-security-token"] = Token;
        }
    }
}
