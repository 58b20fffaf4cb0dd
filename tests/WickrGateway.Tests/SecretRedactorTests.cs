using Amazon.Runtime;
using WickrGateway.Wickr;

namespace WickrGateway.Tests;

public sealed class SecretRedactorTests
{
    private static readonly ImmutableCredentials Credentials = new("AKIDEXAMPLE000000001", "secret/key+of=the/gateway", "token/of+the=session");

    [Theory]
    [InlineData("User: arn:aws:sts::1:assumed-role/gateway is not authorized to perform: wickr:BatchToggleUserSuspendStatus")]
    [InlineData("The security token included in the request is invalid.")]
    [InlineData("The signature is good, the user is not")]
    [InlineData("")]
    public void Text_without_secrets_Is_kept(string text) => Assert.Equal(text, SecretRedactor.Redact(text, Credentials));

    [Theory]
    [InlineData("The Canonical String for this request should have been\n'PATCH\n/networks'")]
    [InlineData("The String-to-Sign should have been\n'AWS4-HMAC-SHA256'")]
    [InlineData("Authorization header requires 'SignedHeaders'. Authorization=AWS4-HMAC-SHA256 Credential=x")]
    [InlineData("'x/aws4_request, signature=abc' not a valid key=value pair")]
    [InlineData("X-AMZ-SECURITY-TOKEN:abc")]
    [InlineData("no such key AKIDEXAMPLE000000001")]
    [InlineData("no such key akidexample000000001")]
    [InlineData("is it secret/key+of=the/gateway?")]
    [InlineData("is it secret%2Fkey%2Bof%3Dthe%2Fgateway?")]
    [InlineData("token/of+the=session expired")]
    [InlineData("token%2fof%2bthe%3dsession expired")]
    public void Text_with_a_part_of_the_signed_request_or_a_credential_Is_removed(string text) => Assert.Null(SecretRedactor.Redact(text, Credentials));

    [Fact]
    public void Without_a_session_token_Words_are_still_told() =>
        Assert.Equal("words", SecretRedactor.Redact("words", new ImmutableCredentials("AKID", "secret", token: null)));
}
