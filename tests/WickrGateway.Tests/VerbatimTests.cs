using System.Net;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

public sealed class VerbatimTests
{
    [Theory]
    [InlineData("""{"message":"ok","successful":[{"userId":"1"}],"failed":[]}""")]
    [InlineData("""{"message":"\u00e9\/ \ud83d\ude00 é 😀","n":1e400,"a":1,"a":2,"unknown":{"deep":[1,2,{}]}}""")]
    [InlineData(" \r\n\t{ }\n ")]
    public async Task A_200_is_handed_back_byte_for_byte(string body)
    {
        await using var wickr = new ScriptedUpstream().Then(200, body, "Content-Type: application/json", "x-amzn-RequestId: req-1");
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = gateway.Client();

        using var answer = await client.PostAsync("/networks/12345678/users/suspend-status", Json.Body("""{"suspend":true,"userIds":["1"],"clientToken":"t:1"}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        Assert.Equal("application/json", answer.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal("req-1", answer.Headers.GetValues("x-amzn-RequestId").Single());
        Assert.Equal("t:1", answer.Headers.GetValues("X-Client-Token").Single());
    }
}
