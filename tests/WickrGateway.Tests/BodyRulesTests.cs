using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>The body is read strictly: every error is returned under its field, and nothing invalid is sent to Wickr.</summary>
public sealed class BodyRulesTests : IAsyncDisposable
{
    private readonly GatewayFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

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
    public async Task Body_is_not_one_JSON_object_Returns_400_with_the_error_under_the_dollar_sign(string body, string expected)
    {
        var problem = await _fixture.RefusedAsync(body);

        Assert.Contains(problem.Errors["$"], message => message.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00 })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x31, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D })]
    public async Task Body_is_not_UTF8_Returns_400(byte[] body)
    {
        using var response = await _fixture.PostAsync(body);
        var problem = await Problem.OfAsync(response);

        Assert.Equal(400, problem.Status);
        Assert.Contains("UTF-8", Assert.Single(problem.Errors["$"]), StringComparison.Ordinal);
        Assert.Empty(_fixture.Wickr.Received);
    }

    [Theory]
    [InlineData("suspend", """{"userIds":["1"]}""", "is missing")]
    [InlineData("suspend", """{"suspend":null,"userIds":["1"]}""", "not null")]
    [InlineData("suspend", """{"suspend":"true","userIds":["1"]}""", "not a string")]
    [InlineData("suspend", """{"suspend":1,"userIds":["1"]}""", "not a number")]
    [InlineData("suspend", """{"suspend":{"a":[1]},"userIds":["1"]}""", "not an object")]
    [InlineData("suspend", """{"suspend":[true],"userIds":["1"]}""", "not an array")]
    [InlineData("suspend", """{"suspend":true,"suspend":true,"userIds":["1"]}""", "is duplicated")]
    [InlineData("suspend", """{"suspend":true,"\u0073uspend":false,"userIds":["1"]}""", "is duplicated")]
    [InlineData("userIds", """{"suspend":true}""", "is missing")]
    [InlineData("userIds", """{"suspend":true,"userIds":null}""", "not null")]
    [InlineData("userIds", """{"suspend":true,"userIds":"1"}""", "not a string")]
    [InlineData("userIds", """{"suspend":true,"userIds":{"0":"1"}}""", "not an object")]
    [InlineData("userIds", """{"suspend":true,"userIds":[]}""", "1 to 50")]
    [InlineData("userIds", """{"suspend":true,"userIds":["1"],"userIds":["2"]}""", "is duplicated")]
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
    [InlineData("clientToken", """{"suspend":true,"userIds":["1"],"clientToken":null,"clientToken":null}""", "is duplicated")]
    [InlineData("Suspend", """{"Suspend":true,"suspend":true,"userIds":["1"]}""", "case-sensitive: suspend")]
    [InlineData("userids", """{"suspend":true,"userids":["1"]}""", "case-sensitive: userIds")]
    [InlineData("CLIENTTOKEN", """{"suspend":true,"userIds":["1"],"CLIENTTOKEN":"t"}""", "case-sensitive: clientToken")]
    [InlineData("dryRun", """{"suspend":true,"userIds":["1"],"dryRun":true}""", "not a field")]
    [InlineData("", """{"suspend":true,"userIds":["1"],"":true}""", "not a field")]
    [InlineData("a.b", """{"suspend":true,"userIds":["1"],"a.b":{"deep":[{}]}}""", "not a field")]
    [InlineData("suspend ", """{"suspend":true,"suspend ":true,"userIds":["1"]}""", "not a field")]
    [InlineData("\uFFFD", """{"suspend":true,"userIds":["1"],"\ud83d":1}""", "not a field")]
    public async Task Field_breaks_a_rule_Returns_400_with_the_error_under_its_name(string field, string body, string expected)
    {
        var problem = await _fixture.RefusedAsync(body);

        Assert.Contains(problem.Errors[field], message => message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Suspend_is_missing_Returns_400_and_never_unsuspends()
    {
        var problem = await _fixture.RefusedAsync("""{"userIds":["1"]}""");

        Assert.Equal(["suspend"], problem.Errors.Keys);
    }

    [Fact]
    public async Task Fifty_one_ids_Return_400_and_fifty_are_accepted()
    {
        var problem = await _fixture.RefusedAsync(Body(51));
        Assert.Contains("has 51", Assert.Single(problem.Errors["userIds"]), StringComparison.Ordinal);

        _fixture.Wickr.Then(200, GatewayFixture.Success);
        using var response = await _fixture.PostAsync(Body(50));
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Several_fields_are_invalid_Returns_an_error_for_each()
    {
        var problem = await _fixture.RefusedAsync(
            """{"suspend":"yes","userIds":["1","x",null],"clientToken":"a b","extra":1,"extra":2}""");

        Assert.Equal(["clientToken", "extra", "suspend", "userIds[1]", "userIds[2]"], problem.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{\"suspend\":true,\"userIds\":[\"1\"],\"suspen\\ud83d\":1}")]
    [InlineData("{\"suspend\":true,\"userIds\":[\"1\"],\"userI\\udc00ds\":[]}")]
    public async Task Field_name_has_half_of_a_surrogate_pair_Returns_400(string body)
    {
        var problem = await _fixture.RefusedAsync(body);

        Assert.Contains("not a field", Assert.Single(problem.Errors).Value[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thousands_of_ids_are_invalid_Looks_at_the_first_51()
    {
        var problem = await _fixture.RefusedAsync($$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Repeat("\"x\"", 10_000))}}]}""");

        Assert.Equal([.. Enumerable.Range(0, 51).Select(index => $"userIds[{index}]"), "userIds"], problem.Errors.Keys);
        Assert.Contains("has 10000", problem.Errors["userIds"][0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(101, 99)]
    [InlineData(5000, 99)]
    public async Task Many_errors_Are_at_most_100_messages_and_the_last_says_how_many_are_left_out(int unknownFields, int kept)
    {
        var problem = await _fixture.RefusedAsync($$"""{ {{string.Join(',', Enumerable.Range(0, unknownFields).Select(field => $"\"f{field}\":0"))}},"suspend":true,"userIds":["1"]}""");

        Assert.Equal(100, problem.Errors.Values.Sum(messages => messages.Length));
        Assert.Equal(kept, problem.Errors.Keys.Count(field => field.StartsWith('f')));
        if (kept < unknownFields)
            Assert.Equal([$"{unknownFields - 99} more errors are left out"], problem.Errors["$"]);
    }

    [Fact]
    public async Task Invalid_body_of_64_KiB_Gets_a_response_of_at_most_64_KiB()
    {
        // Long names of characters that JSON escapes with six bytes each.
        var fields = string.Join(',', Enumerable.Range(0, 100).Select(field => $"\"{field}{string.Concat(Enumerable.Repeat("\\u0001", 100))}\":0"));

        var problem = await _fixture.RefusedAsync($"{{{fields}}}");

        Assert.InRange(problem.Text.Length, 1, 64 * 1024);
    }

    [Fact]
    public async Task Malformed_JSON_after_an_invalid_field_Returns_both_errors()
    {
        var problem = await _fixture.RefusedAsync("""{"suspend":"yes","userIds":[""");

        Assert.Equal(["$", "suspend"], problem.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public async Task Deep_nesting_Returns_400(string open, string close)
    {
        var deep = "{\"suspend\":true,\"userIds\":[\"1\"],\"extra\":";
        deep += string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000)) + "}";

        await _fixture.RefusedAsync(deep);
    }

    [Fact]
    public async Task Unknown_names_with_control_characters_Are_escaped_in_the_response()
    {
        var problem = await _fixture.RefusedAsync($$"""{"suspend":true,"userIds":["1"],"{{new string('x', 5000)}}":1,"\u0000\u001b[31m\u2028":1}""");

        Assert.Equal(2, problem.Errors.Count);
        Assert.DoesNotContain('\u001b', problem.Text);
    }

    private static string Body(int ids) => $$"""{"suspend":true,"userIds":[{{string.Join(',', Enumerable.Range(1, ids).Select(id => $"\"{id}\""))}}]}""";

    [Theory]
    [InlineData("""{"suspend":true,"userIds":["1"],}""", "at line 1, byte 33, after userIds (")]
    [InlineData("""{"suspend":true,"userIds":["1",]}""", "at line 1, byte 32, in userIds (")]
    [InlineData("""{"suspend":true,"userIds":["1" "2"]}""", "at line 1, byte 32, in userIds (")]
    [InlineData("""{"suspend":tru,"userIds":["1"]}""", "at line 1, byte 15, in suspend (")]
    [InlineData("""{"suspend":true,"userIds":["1",{"a":}]}""", "at line 1, byte 37, in userIds[1] (")]
    [InlineData("""{"userIds":["1"] "suspend":true}""", "at line 1, byte 18, after userIds (")]
    [InlineData("""{"suspend":true "userIds":["1"]}""", "at line 1, byte 17, after suspend (")]
    [InlineData("""{"other":{"a":[}}""", "at line 1, byte 16, in other (")]
    [InlineData("{\n  \"suspend\": true,\n  \"userIds\": [\"1\"],\n}", "at line 4, byte 1, after userIds (")]
    [InlineData("""{"suspend":true,"userIds":["1"]} x""", "at line 1, byte 34 (")]
    public async Task Malformed_json_Is_reported_at_its_place(string body, string place)
    {
        var problem = await _fixture.RefusedAsync(body);

        Assert.Contains(problem.Errors["$"], error => error.Contains(place, StringComparison.Ordinal));
    }
}
