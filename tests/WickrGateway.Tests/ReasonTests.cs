using System.Text;
using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>The reason of a change: in the body, for the audit, whole and unchanged, and never for Wickr.</summary>
public sealed class ReasonTests : IAsyncDisposable
{
    private readonly TemporaryFiles _files = new();
    private readonly GatewayFixture _fixture;

    public ReasonTests() => _fixture = new GatewayFixture(new() { ["Audit:Path"] = _files.PathOf("audit.jsonl") });

    public static TheoryData<string> Printable => new(
        "INC-4711, Jörg Müller left",
        "退職者 👩🏽‍💻",
        "می‌خواهم",
        "\"quoted\" \\ <b>&amp;</b>",
        "\uFFFD",
        " ",
        new string('é', 200),
        string.Concat(Enumerable.Repeat("😀", 200)));

    public static TheoryData<string> NotPrintable => new(
        "",
        "tab\there",
        "two\nlines",
        "\u0085",
        "\u2028",
        "\u2029",
        "right\u202Eto left",
        "zero\u200Bwidth",
        "\uFEFF",
        "soft\u00ADhyphen",
        "\uE000",
        "\u0378",
        "tag \U000E0041",
        new string('é', 201),
        string.Concat(Enumerable.Repeat("😀", 201)));

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _files.Dispose();
    }

    [Theory]
    [MemberData(nameof(Printable))]
    public async Task Reason_of_1_to_200_printable_characters_Is_in_both_audit_lines_and_not_sent_to_Wickr(string reason)
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = await _fixture.PostAsync(Body(JsonSerializer.Serialize(reason)));

        Assert.Equal(200, (int)response.StatusCode);
        var lines = _files.Lines("audit.jsonl").Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["requested", "completed"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.All(lines, line => Assert.Equal(reason, line.GetProperty("reason").GetString()));
        Assert.Equal("""{"userIds":["1"]}""", Encoding.UTF8.GetString(_fixture.Wickr.Received.Single().Body));
    }

    [Fact]
    public async Task Reason_is_null_or_absent_Is_accepted_and_absent_in_the_audit()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);

        using var withNull = await _fixture.PostAsync(Body("null"));
        using var without = await _fixture.PostAsync();

        Assert.Equal((200, 200), ((int)withNull.StatusCode, (int)without.StatusCode));
        Assert.All(_files.Lines("audit.jsonl"), line => Assert.False(JsonDocument.Parse(line).RootElement.TryGetProperty("reason", out _)));
    }

    [Theory]
    [MemberData(nameof(NotPrintable))]
    public async Task Reason_has_other_characters_or_another_length_Returns_400(string reason)
    {
        var problem = await _fixture.RefusedAsync(Body(JsonSerializer.Serialize(reason)));

        Assert.Equal(["reason"], problem.Errors.Keys);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""  "\ud800"  """)]
    public async Task Reason_is_not_a_string_Returns_400(string json)
    {
        var problem = await _fixture.RefusedAsync(Body(json));

        Assert.Equal(["reason"], problem.Errors.Keys);
    }

    [Fact]
    public async Task Reason_is_duplicated_or_in_another_case_Returns_400()
    {
        Assert.Equal(["reason"], (await _fixture.RefusedAsync("""{"suspend":true,"userIds":["1"],"reason":"a","reason":"a"}""")).Errors.Keys);
        Assert.Equal(["Reason"], (await _fixture.RefusedAsync("""{"suspend":true,"userIds":["1"],"Reason":"a"}""")).Errors.Keys);
    }

    [Fact]
    public async Task The_former_header_Is_ignored()
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        var response = await _fixture.RawAsync(GatewayFixture.Path, GatewayFixture.ValidBody, "X-Audit-Reason: INC-1");

        Assert.Equal(200, response.Status);
        Assert.DoesNotContain(_files.Lines("audit.jsonl"), line => line.Contains("INC-1", StringComparison.Ordinal));
        Assert.Null(_fixture.Wickr.Received.Single().Header("X-Audit-Reason"));
    }

    private static string Body(string reason) => $$"""{"suspend":true,"userIds":["1"],"clientToken":"t:1","reason":{{reason}}}""";
}
