using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>Which tokens are valid, and what they grant.</summary>
public sealed class TokenTests : BearerTests
{
    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public async Task Valid_token_of_a_caller_Returns_200_whatever_the_case_of_the_scheme(string scheme)
    {
        Wickr.Then(200, GatewayFixture.Success);

        var response = await SendAsync($"Authorization: {scheme} {Provider.Token()}");

        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Subject_is_not_mapped_to_a_caller_Returns_403_without_outcome()
    {
        var problem = Problem.Of(await SendAsync($"Authorization: Bearer {Provider.Token("stranger")}"));

        Assert.Equal(403, problem.Status);
        Assert.Equal("forbidden", problem.Type);
        Assert.Null(problem.Outcome);
    }

    [Fact]
    public async Task Token_has_claims_about_permissions_Grants_nothing()
    {
        // The subject is a caller's name, and the other claims request every permission.
        var token = Provider.Token("all-powerful", token =>
        {
            token.Claims["scope"] = "suspend unsuspend *";
            token.Claims["roles"] = (string[])["admin"];
            token.Claims["networks"] = "*";
            token.Claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"] = "service-a";
        });

        Assert.Equal(403, Problem.Of(await SendAsync($"Authorization: Bearer {token}")).Status);
        Assert.Empty(Wickr.Received);
    }

    [Fact]
    public async Task Token_is_used_for_another_action_Returns_403()
    {
        var problem = Problem.Of(await SendAsync("""{"suspend":false,"userIds":["1"],"clientToken":"t:1"}""", $"Authorization: Bearer {Provider.Token()}"));

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
    [InlineData("two sub fields")]
    [InlineData("crit header")]
    [InlineData("audience with a trailing slash")]
    [InlineData("typ logout+jwt")]
    [InlineData("typ secevent+jwt")]
    [InlineData("typ refresh+jwt")]
    [InlineData("typ application/jwt")]
    [InlineData("typ is empty")]
    [InlineData("typ is null")]
    [InlineData("typ is a list")]
    [InlineData("signature changed")]
    [InlineData("garbage")]
    [InlineData("empty")]
    public async Task Invalid_token_Returns_401_invalid_token_and_nothing_is_sent_to_Wickr(string flaw)
    {
        var response = await SendAsync($"Authorization: Bearer {Flawed(flaw)}");

        Assert.Equal(401, Problem.Of(response).Status);
        Assert.Contains(response.Headers, header => header.Key == "WWW-Authenticate" && header.Value == "Bearer realm=\"wickr-gateway\", error=\"invalid_token\"");
        Assert.Empty(Wickr.Received);
    }

    [Theory]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":"RS256","typ":"jwt"}""")]
    [InlineData("""{"alg":"RS256","typ":"at+JWT"}""")]
    [InlineData("""{"alg":"RS256","typ":"Application/at+jwt"}""")]
    public async Task Type_is_absent_or_one_of_access_tokens_Returns_200(string header)
    {
        Wickr.Then(200, GatewayFixture.Success);

        Assert.Equal(200, (await SendAsync($"Authorization: Bearer {Signed(header, Payload())}")).Status);
    }

    [Fact]
    public async Task Subjects_without_a_caller_Count_as_failures_of_their_address_and_fill_no_audit_file()
    {
        var audit = Path.Combine(Directory.CreateTempSubdirectory("audit").FullName, "audit.jsonl");
        var settings = new Dictionary<string, string?>(Provider.Settings()) { ["RateLimit:FailuresPerMinute"] = "3", ["Audit:Path"] = audit };
        await using var gateway = GatewayHost.Start(Wickr.Address, settings);
        Wickr.Then(200, GatewayFixture.Success);
        var stranger = $"Authorization: Bearer {Provider.Token("stranger")}";
        for (var call = 0; call < 3; call++)
            Assert.Equal(403, (await SendAsync(gateway, GatewayFixture.ValidBody, stranger)).Status);

        var problem = Problem.Of(await SendAsync(gateway, GatewayFixture.ValidBody, stranger));

        Assert.Equal(429, problem.Status);
        Assert.Equal("too-many-requests", problem.Type);
        Assert.Equal(200, (await SendAsync(gateway, GatewayFixture.ValidBody, $"Authorization: Bearer {Provider.Token()}")).Status);
        await gateway.DisposeAsync();
        var lines = await File.ReadAllLinesAsync(audit);
        Assert.Equal(3, lines.Count(line => line.Contains("\"status\":403", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.Contains("\"status\":429", StringComparison.Ordinal));
        Directory.Delete(Path.GetDirectoryName(audit)!, recursive: true);
    }

    [Fact]
    public async Task Token_expired_less_than_a_minute_ago_Returns_200()
    {
        Wickr.Then(200, GatewayFixture.Success);
        var token = Provider.Token(change: token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddSeconds(-40)));

        Assert.Equal(200, (await SendAsync($"Authorization: Bearer {token}")).Status);
    }

    [Fact]
    public async Task Token_of_20_KB_Returns_4xx()
    {
        var response = await SendAsync($"Authorization: Bearer {Provider.Token(change: token => token.Claims["x"] = new string('x', 20_000))}");

        Assert.InRange(response.Status, 400, 499);
        Assert.Empty(Wickr.Received);
    }

    [Fact]
    public async Task Token_of_10_KB_Returns_401()
    {
        var response = await SendAsync($"Authorization: Bearer {Provider.Token(change: token => token.Claims["x"] = new string('x', 8_000))}");

        Assert.Equal(401, response.Status);
    }

    [Fact]
    public async Task Two_Authorization_headers_Return_401()
    {
        var token = Provider.Token();

        Assert.Equal(401, (await SendAsync($"Authorization: Bearer {token}", $"Authorization: Bearer {token}")).Status);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("")]
    public async Task Scheme_is_not_Bearer_Returns_401(string authorization) =>
        Assert.Equal(401, (await SendAsync($"Authorization: {authorization}")).Status);

    [Fact]
    public async Task No_credential_Challenges_name_both_schemes_and_no_error()
    {
        var response = await SendAsync();

        Assert.Equal(
            ["ApiKey realm=\"wickr-gateway\"", "Bearer realm=\"wickr-gateway\""],
            response.Headers.Where(header => header.Key == "WWW-Authenticate").Select(header => header.Value));
    }

    [Fact]
    public async Task Key_and_token_of_the_same_caller_Return_200()
    {
        await using var gateway = GatewayHost.Start(Wickr.Address, new Dictionary<string, string?>(Provider.Settings()) { ["Auth:Callers:service:ApiKeySha256:0"] = GatewayHost.Sha256("key-of-service") });
        Wickr.Then(200, GatewayFixture.Success);

        Assert.Equal(200, (await SendAsync(gateway, GatewayFixture.ValidBody, $"Authorization: Bearer {Provider.Token()}", "X-Api-Key: key-of-service")).Status);
    }

    [Theory]
    [InlineData(GatewayHost.LimitedKey)]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task Valid_token_with_a_key_of_another_caller_Returns_401(string key) =>
        Assert.Equal(401, (await SendAsync($"Authorization: Bearer {Provider.Token()}", $"X-Api-Key: {key}")).Status);

    [Fact]
    public async Task Valid_key_with_an_invalid_token_Returns_401() =>
        Assert.Equal(401, (await SendAsync("Authorization: Bearer x.y.z", $"X-Api-Key: {GatewayHost.AllPowerfulKey}")).Status);

    [Theory]
    [InlineData("No credential was sent. Send an API key in X-Api-Key, or a token")]
    [InlineData("The token is not valid", "Authorization: Bearer x.y.z")]
    [InlineData("The token is not valid", "Authorization: Bearer x.y.z", $"X-Api-Key: {GatewayHost.AllPowerfulKey}")]
    [InlineData("The API key is not valid", "Authorization: Bearer x.y.z", "X-Api-Key: wrong")]
    [InlineData("Authorization is not one bearer token", "Authorization: Basic dXNlcjpwYXNz")]
    public async Task The_401_Says_which_credential_is_missing_or_not_valid(string detail, params string[] headers) =>
        Assert.Contains(detail, Problem.Of(await SendAsync(headers)).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Key_and_token_of_different_callers_Are_told_apart_from_invalid_ones() => Assert.Contains(
        "belong to different callers",
        Problem.Of(await SendAsync($"Authorization: Bearer {Provider.Token()}", $"X-Api-Key: {GatewayHost.LimitedKey}")).Text,
        StringComparison.Ordinal);

    [Fact]
    public async Task Bearer_is_not_configured_Returns_401()
    {
        await using var gateway = GatewayHost.Start(Wickr.Address);

        var response = await SendAsync(gateway, GatewayFixture.ValidBody, $"Authorization: Bearer {Provider.Token()}");

        Assert.Equal(401, response.Status);
        Assert.Equal("ApiKey realm=\"wickr-gateway\"", response.Header("WWW-Authenticate"));
        Assert.Contains("this gateway does not accept tokens", response.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_of_dotnet_user_jwts_Returns_200_with_its_settings()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        await using var gateway = GatewayHost.Start(Wickr.Address, new Dictionary<string, string?>
        {
            ["Authentication:Schemes:Bearer:ValidAudiences:0"] = "http://localhost:8080",
            ["Authentication:Schemes:Bearer:ValidIssuer"] = "dotnet-user-jwts",
            ["Authentication:Schemes:Bearer:SigningKeys:0:Id"] = "key-1",
            ["Authentication:Schemes:Bearer:SigningKeys:0:Issuer"] = "dotnet-user-jwts",
            ["Authentication:Schemes:Bearer:SigningKeys:0:Value"] = Convert.ToBase64String(secret),
            ["Authentication:Schemes:Bearer:SigningKeys:0:Length"] = "32",
            ["Auth:Callers:all-powerful:Subjects:0"] = "developer",
        });
        Wickr.Then(200, GatewayFixture.Success);
        var token = Provider.Token("developer", token =>
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
    [InlineData("ValidIssuers", "Authority=https://idp.example", "ValidAudience=a", "ValidIssuers:0=https://idp.example", "ValidIssuers:1=internal-tool")]
    [InlineData("ValidIssuers", "Authority=https://idp.example", "ValidAudience=a", "ValidIssuers:0=https://idp.example", "ValidIssuer=internal-tool")]
    [InlineData("SigningKeys:0:Issuer", "Authority=https://idp.example", "ValidAudience=a", "SigningKeys:0:Issuer=internal-tool", "SigningKeys:0:Value=AAAA")]
    [InlineData("SigningKeys:0:Issuer", "Authority=https://idp.example", "ValidAudience=a", "ValidIssuer=https://idp.example", "SigningKeys:0:Issuer=internal-tool")]
    [InlineData("SigningKeys:1:Issuer", "ValidAudience=a", "ValidIssuer=one", "SigningKeys:0:Issuer=one", "SigningKeys:1:Issuer=two")]
    public void Bearer_settings_are_incomplete_Start_fails_and_names_the_key(string key, params string[] settings)
    {
        var error = Assert.Throws<SettingsException>(() => GatewayApp.Create(
            ["--Wickr:Region=us-east-1", $"--Auth:Callers:a:ApiKeySha256:0={GatewayHost.Sha256("k")}", .. settings.Select(setting => $"--Authentication:Schemes:Bearer:{setting}")]));

        Assert.Contains($"Authentication:Schemes:Bearer:{key}:", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    private string Flawed(string flaw) => flaw switch
    {
        "alg none" => $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{Provider.Token().Split('.')[1]}.",
        "HS256 with the public key" => Hmac(Encoding.ASCII.GetBytes(Rsa().ExportSubjectPublicKeyInfoPem())),
        "HS256 with the published modulus" => Hmac(Provider.Key.Parameters.Modulus!),
        "another issuer" => Provider.Token(change: token => token.Issuer = "https://other.example"),
        "another audience" => Provider.Token(change: token => token.Audience = "another-service"),
        "no audience" => Provider.Token(change: token => token.Audience = null),
        "unknown kid" => Provider.Token(change: token => token.SigningCredentials = new SigningCredentials(IdentityProvider.NewKey(), SecurityAlgorithms.RsaSha256)),
        "known kid, other key" => Provider.Token(change: token =>
        {
            var other = IdentityProvider.NewKey();
            other.KeyId = Provider.Key.KeyId;
            token.SigningCredentials = new SigningCredentials(other, SecurityAlgorithms.RsaSha256);
        }),
        "expired" => Provider.Token(change: token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddSeconds(-90))),
        "not yet valid" => Provider.Token(change: token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddSeconds(90), DateTime.UtcNow.AddHours(1))),
        "no exp" => Provider.Token(change: token => token.Expires = null),
        "no sub" => Provider.Token(subject: null),
        "sub is a number" => Provider.Token(change: token => token.Claims["sub"] = 7),
        "two sub fields" => Signed("""{"alg":"RS256"}""", Payload().Replace("{", "{\"sub\":\"other\",", StringComparison.Ordinal)),
        "crit header" => Signed("""{"alg":"RS256","crit":["x"],"x":1}""", Payload()),
        "audience with a trailing slash" => Provider.Token(change: token => token.Audience = $"{IdentityProvider.Audience}/"),
        "typ is empty" => Signed("""{"alg":"RS256","typ":""}""", Payload()),
        "typ is null" => Signed("""{"alg":"RS256","typ":null}""", Payload()),
        "typ is a list" => Signed("""{"alg":"RS256","typ":["JWT"]}""", Payload()),
        ['t', 'y', 'p', ' ', .. var type] => Signed($$"""{"alg":"RS256","typ":"{{type}}"}""", Payload()),
        "signature changed" => Provider.Token()[..^4] + "AAAA",
        "garbage" => "not-a-token",
        _ => "..",
    };

    private string Payload() => Base64UrlEncoder.Decode(Provider.Token().Split('.')[1]);

    private string Signed(string header, string payload)
    {
        var text = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
        using var rsa = Rsa();
        return $"{text}.{Base64UrlEncoder.Encode(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private RSA Rsa() => RSA.Create(Provider.Key.Parameters);

    private string Hmac(byte[] secret) => Provider.Token(change: token =>
        token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(secret) { KeyId = Provider.Key.KeyId }, SecurityAlgorithms.HmacSha256));

    private Task<RawResponse> SendAsync(params string[] headers) =>
        headers is [['{', ..] body, .. var rest] ? SendAsync(Gateway, body, rest) : SendAsync(Gateway, GatewayFixture.ValidBody, headers);

    private static Task<RawResponse> SendAsync(GatewayHost gateway, string body, params string[] headers) => RawHttp.SendAsync(
        gateway.Address, [$"POST {GatewayFixture.Path} HTTP/1.1", "Content-Type: application/json", $"Content-Length: {body.Length}", .. headers], body);
}
