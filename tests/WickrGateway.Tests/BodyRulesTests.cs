using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>The body is read strictly, every fault is told under its member, and nothing that breaks a rule reaches Wickr.</summary>
public sealed class BodyRulesTests : IAsyncDisposable
{
    private readonly GatewayFixture _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" ", "not valid JSON")]
    [InlineData("nonsense", "not valid JSON")]
    [InlineData("null", "must be a JSON object, not null")]
    [InlineData("[]", "must be a JSON object, not an array")]
    [InlineData("\"text\"", "must be a JSON object, not a string")]
    [InlineData("1", "must be a JSON object, not a number")]
    [InlineData("true", "must be a JSON object, not a boolean")]
    [InlineData("""{"suspend":true,"userIds":["1"]""", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":["1"]}}""", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":["1"]} {"suspend":false}""", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":["1"]}x""", "not valid JSON")]
    [InlineData("{\"suspend\":true,\"userIds\":[\"1\"]}\0", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":["1"],}""", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":["1",]}""", "not valid JSON")]
    [InlineData("""{"suspend":true,/* why */"userIds":["1"]}""", "not valid JSON")]
    [InlineData("{\"suspend\":true,\"userIds\":[\"1\"]} // why", "not valid JSON")]
    [InlineData("""{'suspend':true,'userIds':['1']}""", "not valid JSON")]
    [InlineData("""{suspend:true,"userIds":["1"]}""", "not valid JSON")]
    [InlineData("""{"suspend":True,"userIds":["1"]}""", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":[NaN]}""", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":[01]}""", "not valid JSON")]
    [InlineData("{\"suspend\":true,\"userIds\":[\"1\n\"]}", "not valid JSON")]
    [InlineData("""{"suspend":true,"userIds":["\x31"]}""", "not valid JSON")]
    [InlineData("\uFEFF{\"suspend\":true,\"userIds\":[\"1\"]}", "byte order mark")]
    public async Task A_body_that_is_not_one_JSON_object_Is_refused_under_the_dollar_sign(string body, string fault)
    {
        var problem = await _rig.RefusedAsync(body);

        Assert.Contains(problem.Errors["$"], told => told.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00 })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x31, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D })]
    public async Task A_body_that_is_not_UTF8_Is_refused(byte[] body)
    {
        using var answer = await _rig.PostAsync(body);
        var problem = await Problem.OfAsync(answer);

        Assert.Equal(400, problem.Status);
        Assert.Contains("UTF-8", Assert.Single(problem.Errors["$"]), StringComparison.Ordinal);
        Assert.Empty(_rig.Wickr.Received);
    }

    [Theory]
    [InlineData("suspend", """{"userIds":["1"]}""", "is missing")]
    [InlineData("suspend", """{"suspend":null,"userIds":["1"]}""", "not null")]
    [InlineData("suspend", """{"suspend":"true","userIds":["1"]}""", "not a string")]
    [InlineData("suspend", """{"suspend":1,"userIds":["1"]}""", "not a number")]
    [InlineData("suspend", """{"suspend":{"a":[1]},"userIds":["1"]}""", "not an object")]
    [InlineData("suspend", """{"suspend":[true],"userIds":["1"]}""", "not an array")]
    [InlineData("suspend", """{"suspend":true,"suspend":true,"userIds":["1"]}""", "more than once")]
    [InlineData("suspend", """{"suspend":true,"\u0073uspend":false,"userIds":["1"]}""", "more than once")]
    [InlineData("userIds", """{"suspend":true}""", "is missing")]
    [InlineData("userIds", """{"suspend":true,"userIds":null}""", "not null")]
    [InlineData("userIds", """{"suspend":true,"userIds":"1"}""", "not a string")]
    [InlineData("userIds", """{"suspend":true,"userIds":{"0":"1"}}""", "not an object")]
    [InlineData("userIds", """{"suspend":true,"userIds":[]}""", "1 to 50")]
    [InlineData("userIds", """{"suspend":true,"userIds":["1"],"userIds":["2"]}""", "more than once")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[null]}""", "not null")]
    [InlineData("userIds[1]", """{"suspend":true,"userIds":["1",null,"3"]}""", "not null")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[1]}""", "not a number")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[["1"]]}""", "not an array")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[{"userId":"1"}]}""", "not an object")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[true]}""", "not a boolean")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[""]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["12345678901"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["abc"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["-1"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["1.0"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["0x1"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":[" 1"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["1\n"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["1\u0000"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["١٢٣"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["\u0661"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["１"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["\ud83d"]}""", "1 to 10 digits")]
    [InlineData("userIds[0]", """{"suspend":true,"userIds":["\ude00\ud83d"]}""", "1 to 10 digits")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":""}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":1}""", "not a number")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":["t"]}""", "not an array")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":false}""", "not a boolean")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"a b"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"a\n"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"a\r\nX-Evil: 1"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"a.b"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"é"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"\ud83d"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":"12345678901234567890123456789012345678901234567890123456789012345"}""", "1 to 64")]
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":null,"clientToken":null}""", "more than once")]
    [InlineData("Suspend", """{"Suspend":true,"suspend":true,"userIds":["1"]}""", "case-sensitive: suspend")]
    [InlineData("userids", """{"suspend":true,"userids":["1"]}""", "case-sensitive: userIds")]
    [InlineData("CLIENTTOKEN", """{"suspend":true,"userIds":["1"],"CLIENTTOKEN":"t"}""", "case-sensitive: clientToken")]
    [InlineData("dryRun", """{"suspend":true,"userIds":["1"],"dryRun":true}""", "not a member")]
    [InlineData("", """{"suspend":true,"userIds":["1"],"":true}""", "not a member")]
    [InlineData("a.b", """{"suspend":true,"userIds":["1"],"a.b":{"deep":[{}]}}""", "not a member")]
    [InlineData("suspend ", """{"suspend":true,"suspend ":true,"userIds":["1"]}""", "not a member")]
    [InlineData("\uFFFD", """{"suspend":true,"userIds":["1"],"\ud83d":1}""", "not a member")]
    public async Task A_member_that_breaks_a_rule_Is_refused_under_its_name(string member, string body, string fault)
    {
        var problem = await _rig.RefusedAsync(body);

        Assert.Contains(problem.Errors[member], told => told.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_suspend_Is_never_read_as_unsuspend()
    {
        var problem = await _rig.RefusedAsync("""{"userIds":["1"]}""");

        Assert.Equal(["suspend"], problem.Errors.Keys);
    }

    [Fact]
    public async Task Fifty_one_ids_Are_refused_and_fifty_pass()
    {
        var problem = await _rig.RefusedAsync(Body(51));
        Assert.Contains("has 51", Assert.Single(problem.Errors["userIds"]), StringComparison.Ordinal);

        _rig.Wickr.Then(200, GatewayFixture.Success);
        using var answer = await _rig.PostAsync(Body(50));
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task All_faults_at_once_Are_all_told()
    {
        var problem = await _rig.RefusedAsync(
            """{"suspend":"yes","userIds":["1","x",null],"clientToken":"a b","extra":1,"extra":2}""",
            "/networks/1234/users/suspend-status");

        Assert.Equal(["clientToken", "extra", "networkId", "suspend", "userIds[1]", "userIds[2]"], problem.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Malformed_JSON_after_a_faulty_member_Tells_both()
    {
        var problem = await _rig.RefusedAsync("""{"suspend":"yes","userIds":[""");

        Assert.Equal(["$", "suspend"], problem.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public async Task Deep_nesting_Is_refused_and_costs_nothing(string open, string close)
    {
        var deep = "{\"suspend\":true,\"userIds\":[\"1\"],\"extra\":";
        deep += string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000)) + "}";

        await _rig.RefusedAsync(deep);
    }

    [Fact]
    public async Task A_long_unknown_name_full_of_controls_Is_told_safely()
    {
        var problem = await _rig.RefusedAsync($$"""{"suspend":true,"userIds":["1"],"{{new string('x', 5000)}}":1,"\u0000\u001b[31m\u2028":1}""");

        Assert.Equal(2, problem.Errors.Count);
        Assert.DoesNotContain('\u001b', problem.Text);
    }

    private static string Body(int ids) => $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1, ids).Select(id => $"\"{id}\""))}}]}""";
}
