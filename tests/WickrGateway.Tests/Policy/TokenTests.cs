using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Which tokens count, and for what.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly ScriptedUpstream _wickr = new();
    private IdentityProvider _provider = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await IdentityProvider.StartAsync();
        _gateway = GatewayHost.Start(_wickr.Address, _provider.Settings());
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
        await _wickr.DisposeAsync();
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public async Task A_good_token_of_a_caller_Is_let_in_however_the_scheme_is_written(string scheme)
    {
        _wickr.Then(200, GatewayFixture.Success);

        var answer = await SendAsync($"Authorization: {scheme} {_provider.Token()}");

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_good_token_of_nobody_Returns_403_without_outcome()
    {
        var problem = Problem.Of(await SendAsync($"Authorization: Bearer {_provider.Token("stranger")}"));

        Assert.Equal(403, problem.Status);
        Assert.Equal("forbidden", problem.Type);
        Assert.Null(problem.Outcome);
    }

    [Fact]
    public async Task What_a_token_claims_about_itself_Grants_nothing()
    {
        // The subject is a caller's name, and the other claims ask for everything.
        var token = _provider.Token("all-powerful", token =>
        {
            token.Claims["scope"] = "suspend unsuspend *";
            token.Claims["roles"] = (string[])["admin"];
            token.Claims["networks"] = "*";
            token.Claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"] = "service-a";
        });

        Assert.Equal(403, Problem.Of(await SendAsync($"Authorization: Bearer {token}")).Status);
        Assert.Empty(_wickr.Received);
    }

    [Fact]
    public async Task A_token_Has_the_grants_of_its_caller_and_no_more()
    {
        var problem = Problem.Of(await SendAsync("""{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""", $"Authorization: Bearer {_provider.Token()}"));

        Assert.Equal(403, problem.Status);
        Assert.Equal("not-applied", problem.Outcome);
    }

    [Theory]
    [InlineData("alg none")]
    [InlineData("HS256 with the public key")]
    [InlineData("HS256 with the published modulus")]
    [InlineData("another issuer")]
    [InlineData("another audience")]
    [InlineData("no audience")]
    [InlineData("unknown kid")]
    [InlineData("known kid, other key")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("no exp")]
    [InlineData("no sub")]
    [InlineData("sub is a number")]
    [InlineData("two sub members")]
    [InlineData("crit header")]
    [InlineData("signature changed")]
    [InlineData("garbage")]
    [InlineData("empty")]
    public async Task A_token_that_does_not_count_Returns_401_invalid_token_and_Wickr_is_not_asked(string flaw)
    {
        var answer = await SendAsync($"Authorization: Bearer {Flawed(flaw)}");

        Assert.Equal(401, Problem.Of(answer).Status);
        Assert.Contains(answer.Headers, header => header.Key == "WWW-Authenticate" && header.Value == "Bearer realm=\"wickr-gateway\", error=\"invalid_token\"");
        Assert.Empty(_wickr.Received);
    }

    [Fact]
    public async Task A_clock_that_is_off_by_less_than_a_minute_Is_forgiven()
    {
        _wickr.Then(200, GatewayFixture.Success);
        var token = _provider.Token(change: token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddSeconds(-40)));

        Assert.Equal(200, (await SendAsync($"Authorization: Bearer {token}")).Status);
    }

    [Fact]
    public async Task A_token_of_20_KB_Is_refused()
    {
        var answer = await SendAsync($"Authorization: Bearer {_provider.Token(change: token => token.Claims["x"] = new string('x', 20_000))}");

        Assert.InRange(answer.Status, 400, 499);
        Assert.Empty(_wickr.Received);
    }

    [Fact]
    public async Task A_token_of_10_KB_Returns_401()
    {
        var answer = await SendAsync($"Authorization: Bearer {_provider.Token(change: token => token.Claims["x"] = new string('x', 8_000))}");

        Assert.Equal(401, answer.Status);
    }

    [Fact]
    public async Task Two_Authorization_headers_Return_401()
    {
        var token = _provider.Token();

        Assert.Equal(401, (await SendAsync($"Authorization: Bearer {token}", $"Authorization: Bearer {token}")).Status);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("")]
    public async Task Another_scheme_or_none_Returns_401(string authorization) =>
        Assert.Equal(401, (await SendAsync($"Authorization: {authorization}")).Status);

    [Fact]
    public async Task Without_a_credential_The_challenges_name_both_schemes_and_no_error()
    {
        var answer = await SendAsync();

        Assert.Equal(
            ["ApiKey realm=\"wickr-gateway\"", "Bearer realm=\"wickr-gateway\""],
            answer.Headers.Where(header => header.Key == "WWW-Authenticate").Select(header => header.Value));
    }

    [Fact]
    public async Task Both_credentials_for_the_same_caller_Are_let_in()
    {
        await using var gateway = GatewayHost.Start(_wickr.Address, new Dictionary<string, string?>(_provider.Settings()) { ["Auth:Callers:service:ApiKeySha256:0"] = GatewayHost.Sha256("key-of-service") });
        _wickr.Then(200, GatewayFixture.Success);

        Assert.Equal(200, (await SendAsync(gateway, GatewayFixture.ValidBody, $"Authorization: Bearer {_provider.Token()}", "X-Api-Key: key-of-service")).Status);
    }

    [Theory]
    [InlineData(GatewayHost.LimitedKey)]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task A_good_token_beside_a_key_that_is_not_the_same_callers_Returns_401(string key) =>
        Assert.Equal(401, (await SendAsync($"Authorization: Bearer {_provider.Token()}", $"X-Api-Key: {key}")).Status);

    [Fact]
    public async Task A_good_key_beside_a_bad_token_Returns_401() =>
        Assert.Equal(401, (await SendAsync("Authorization: Bearer x.y.z", $"X-Api-Key: {GatewayHost.AllPowerfulKey}")).Status);

    [Fact]
    public async Task A_token_where_tokens_are_off_Returns_401()
    {
        await using var gateway = GatewayHost.Start(_wickr.Address);

        var answer = await SendAsync(gateway, GatewayFixture.ValidBody, $"Authorization: Bearer {_provider.Token()}");

        Assert.Equal(401, answer.Status);
        Assert.Equal("ApiKey realm=\"wickr-gateway\"", answer.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_token_made_by_dotnet_user_jwts_Counts_in_its_settings()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        await using var gateway = GatewayHost.Start(_wickr.Address, new Dictionary<string, string?>
        {
            ["Authentication:Schemes:Bearer:ValidAudiences:0"] = "http://localhost:8080",
            ["Authentication:Schemes:Bearer:ValidIssuer"] = "dotnet-user-jwts",
            ["Authentication:Schemes:Bearer:SigningKeys:0:Id"] = "key-1",
            ["Authentication:Schemes:Bearer:SigningKeys:0:Issuer"] = "dotnet-user-jwts",
            ["Authentication:Schemes:Bearer:SigningKeys:0:Value"] = Convert.ToBase64String(secret),
            ["Authentication:Schemes:Bearer:SigningKeys:0:Length"] = "32",
            ["Auth:Callers:all-powerful:Subjects:0"] = "developer",
        });
        _wickr.Then(200, GatewayFixture.Success);
        var token = _provider.Token("developer", token =>
        {
            token.Issuer = "dotnet-user-jwts";
            token.Audience = "http://localhost:8080";
            token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret) { KeyId = "key-1" }, SecurityAlgorithms.HmacSha256);
        });

        Assert.Equal(200, (await SendAsync(gateway, GatewayFixture.ValidBody, $"Authorization: Bearer {token}")).Status);
    }

    [Theory]
    [InlineData("ValidAudiences", "Authority=https://idp.example")]
    [InlineData("ValidIssuer", "MetadataAddress=https://idp.example/meta", "ValidAudience=a")]
    [InlineData("Authority", "Authority=http://idp.example", "ValidAudience=a")]
    [InlineData("Authority", "Authority=idp.example", "ValidAudience=a")]
    public void Tokens_without_a_check_Are_a_fault_at_the_start_that_names_the_key(string key, params string[] settings)
    {
        var fault = Assert.Throws<SettingsException>(() => GatewayApp.Create(
            ["--Wickr:Region=us-east-1", $"--Auth:Callers:a:ApiKeySha256:0={GatewayHost.Sha256("k")}", .. settings.Select(setting => $"--Authentication:Schemes:Bearer:{setting}")]));

        Assert.Contains($"Authentication:Schemes:Bearer:{key}:", Assert.Single(fault.Errors), StringComparison.Ordinal);
    }

    private string Flawed(string flaw) => flaw switch
    {
        "alg none" => $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{_provider.Token().Split('.')[1]}.",
        "HS256 with the public key" => Hmac(Encoding.ASCII.GetBytes(Rsa().ExportSubjectPublicKeyInfoPem())),
        "HS256 with the published modulus" => Hmac(_provider.Key.Parameters.Modulus!),
        "another issuer" => _provider.Token(change: token => token.Issuer = "https://other.example"),
        "another audience" => _provider.Token(change: token => token.Audience = "another-service"),
        "no audience" => _provider.Token(change: token => token.Audience = null),
        "unknown kid" => _provider.Token(change: token => token.SigningCredentials = new SigningCredentials(IdentityProvider.NewKey(), SecurityAlgorithms.RsaSha256)),
        "known kid, other key" => _provider.Token(change: token =>
        {
            var other = IdentityProvider.NewKey();
            other.KeyId = _provider.Key.KeyId;
            token.SigningCredentials = new SigningCredentials(other, SecurityAlgorithms.RsaSha256);
        }),
        "expired" => _provider.Token(change: token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddSeconds(-90))),
        "not yet valid" => _provider.Token(change: token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddSeconds(90), DateTime.UtcNow.AddHours(1))),
        "no exp" => _provider.Token(change: token => token.Expires = null),
        "no sub" => _provider.Token(subject: null),
        "sub is a number" => _provider.Token(change: token => token.Claims["sub"] = 7),
        "two sub members" => Signed("""{"alg":"RS256"}""", Payload().Replace("{", "{\"sub\":\"other\",", StringComparison.Ordinal)),
        "crit header" => Signed("""{"alg":"RS256","crit":["x"],"x":1}""", Payload()),
        "signature changed" => _provider.Token()[..^4] + "AAAA",
        "garbage" => "not-a-token",
        _ => "..",
    };

    private string Payload() => Base64UrlEncoder.Decode(_provider.Token().Split('.')[1]);

    private string Signed(string header, string payload)
    {
        var text = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
        using var rsa = Rsa();
        return $"{text}.{Base64UrlEncoder.Encode(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private RSA Rsa() => RSA.Create(_provider.Key.Parameters);

    private string Hmac(byte[] secret) => _provider.Token(change: token =>
        token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret) { KeyId = _provider.Key.KeyId }, SecurityAlgorithms.HmacSha256));

    private Task<RawAnswer> SendAsync(params string[] headers) =>
        headers is [['{', ..] body, .. var rest] ? SendAsync(_gateway, body, rest) : SendAsync(_gateway, GatewayFixture.ValidBody, headers);

    private static Task<RawAnswer> SendAsync(GatewayHost gateway, string body, params string[] headers) => RawHttp.SendAsync(
        gateway.Address, [$"POST {GatewayFixture.Path} HTTP/1.1", "Content-Type: application/json", $"Content-Length: {body.Length}", .. headers], body);
}
