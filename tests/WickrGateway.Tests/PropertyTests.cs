using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>For any request: a valid one is forwarded unchanged, one that breaks a rule never.</summary>
public sealed class PropertyTests : IAsyncDisposable
{
    private const string Digits = "0123456789";
    private const string TokenCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:";

    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(300);

    /// <summary>Without the suspend limits: there are more users than they allow in an hour.</summary>
    private readonly GatewayFixture _fixture = new(new() { ["Policy:SuspendLimit:PerCaller"] = "0", ["Policy:SuspendLimit:PerNetwork"] = "0" });

    private sealed record Valid(string NetworkId, bool Suspend, string[] UserIds, string? Token, int Order)
    {
        public string Path => $"/networks/{NetworkId}/users/suspend-status";

        /// <summary>The fields in one of their orders.</summary>
        public JsonObject Body()
        {
            (string Name, JsonNode? Value)[] fields = [("suspend", Suspend), ("userIds", new JsonArray([.. UserIds.Select(id => (JsonNode)id)])), ("clientToken", Token)];
            return new JsonObject(Enumerable.Range(0, 3).Select(at => fields[(at + Order) % 3]).Select(field => KeyValuePair.Create(field.Name, field.Value)));
        }
    }

    private static Gen<string> Text(string alphabet, int min, int max) =>
        from length in Gen.Choose(min, max)
        from text in Gen.Elements(alphabet.ToCharArray()).ArrayOf(length)
        select new string(text);

    private static Gen<Valid> ValidRequests =>
        from network in Text(Digits, 8, 8)
        from suspend in Gen.Elements(true, false)
        from count in Gen.Choose(1, 50)
        from ids in Text(Digits, 1, 10).ArrayOf(count)
        from token in Gen.OneOf(Gen.Constant<string?>(null), Text(TokenCharacters, 1, 64).Select(text => (string?)text))
        from order in Gen.Choose(0, 2)
        select new Valid(network, suspend, ids, token, order);

    private static Gen<string> BadId => Gen.OneOf(
        Text(Digits, 11, 30),
        Gen.Constant(""),
        from before in Text(Digits, 0, 4)
        from odd in Gen.Elements("a", "-", "+", ".", " ", "\n", "\0", "/", ":", "٣", "１", "²", "Ⅷ", "\u200b", "é", "😀")
        from after in Text(Digits, 0, 4)
        select before + odd + after);

    private static Gen<string> BadToken => Gen.OneOf(
        Text(TokenCharacters, 65, 90),
        Gen.Constant(""),
        from before in Text(TokenCharacters, 0, 5)
        from odd in Gen.Elements(" ", ".", "/", "\n", "\r\nA: b", "\0", "é", "ａ", "٣", "😀", "=", "+")
        from after in Text(TokenCharacters, 0, 5)
        select before + odd + after);

    private static JsonNode?[] Values => [null, 1, 0, "text", "true", true, new JsonArray(), new JsonArray(1), new JsonObject(), new JsonArray((JsonNode?)null), new JsonArray(new JsonArray())];

    /// <summary>A valid request with one rule broken: path and body.</summary>
    private static Gen<(string Path, string Body)> Mutations =>
        from valid in ValidRequests
        from badId in BadId
        from badToken in BadToken
        from at in Gen.Choose(0, 49)
        from value in Gen.Choose(0, 10)
        from kind in Gen.Choose(0, 10)
        select Mutate(valid, badId, badToken, at, value, kind);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public void Any_valid_request_Is_forwarded_unchanged() => Check.One(Cases, Prop.ForAll(Arb.From(ValidRequests), valid =>
    {
        _fixture.Wickr.Then(200, GatewayFixture.Success);

        using var response = Wait(_fixture.PostAsync(valid.Body().ToJsonString(), valid.Path));

        Assert.Equal(200, (int)response.StatusCode);
        var request = _fixture.Wickr.Received[^1];
        Assert.Equal($"PATCH /networks/{valid.NetworkId}/users/toggleSuspend?suspend={(valid.Suspend ? "true" : "false")} HTTP/1.1", request.RequestLine);
        Assert.Equal($$"""{"userIds":{{JsonSerializer.Serialize(valid.UserIds)}}}""", request.BodyText);
        Assert.Equal(response.Headers.GetValues("X-Client-Token").Single(), request.Header("X-Client-Token"));
        if (valid.Token is not null)
            Assert.Equal(valid.Token, request.Header("X-Client-Token"));
    }));

    [Fact]
    public void Any_request_that_breaks_a_rule_Returns_400_and_is_never_forwarded() => Check.One(Cases, Prop.ForAll(Arb.From(Mutations), mutation =>
    {
        var problem = Wait(_fixture.RefusedAsync(mutation.Body, mutation.Path));

        Assert.NotEmpty(problem.Errors);
        Assert.Empty(_fixture.Wickr.Received);
    }));

    [Fact]
    public void Any_bytes_Return_400_and_are_never_forwarded() => Check.One(Cases, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        using var response = Wait(_fixture.PostAsync(bytes ?? []));

        Assert.Equal(400, Wait(Problem.OfAsync(response)).Status);
        Assert.Empty(_fixture.Wickr.Received);
    }));

    [Fact]
    public void Any_truncated_body_Returns_400() => Check.One(Cases, Prop.ForAll(Arb.From(from valid in ValidRequests from share in Gen.Choose(0, 99) select (valid, share)), cut =>
    {
        var body = cut.valid.Body().ToJsonString();

        Assert.Contains("$", Wait(_fixture.RefusedAsync(body[..(body.Length * cut.share / 100)])).Errors.Keys);
    }));

    private static (string Path, string Body) Mutate(Valid valid, string badId, string badToken, int at, int value, int kind)
    {
        var body = valid.Body();
        var path = valid.Path;
        var wrong = Values[value];
        switch (kind)
        {
            case 0: body["userIds"]![at % valid.UserIds.Length] = badId; break;
            case 1: body["userIds"]![at % valid.UserIds.Length] = wrong is JsonValue text && text.GetValueKind() == JsonValueKind.String ? null : wrong; break;
            case 2: body["clientToken"] = badToken; break;
            case 3: body["clientToken"] = wrong is null or JsonValue ? 7 : wrong; break;
            case 4: body["suspend"] = wrong is JsonValue flag && flag.GetValueKind() == JsonValueKind.True ? "true" : wrong; break;
            case 5: body.Remove("suspend"); break;
            case 6: body.Remove("userIds"); break;
            case 7: body["userIds"] = wrong; break;
            case 8: body.Add("extra" + badToken, wrong); break;
            case 9: body["userIds"] = new JsonArray([.. Enumerable.Range(0, 51 + at).Select(id => (JsonNode)$"{id}")]); break;
            default: path = $"/networks/{valid.NetworkId[..7]}{(at % 2 == 0 ? "" : "00")}/users/suspend-status"; break;
        }

        return (path, body.ToJsonString());
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
