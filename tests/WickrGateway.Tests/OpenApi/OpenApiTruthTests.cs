using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.OpenApi;

/// <summary>The document and the gateway accept the same requests. The cases come from a fixed seed, so a failure is repeatable.</summary>
public sealed class OpenApiTruthTests
{
    private const int Cases = 3000;

    [Fact]
    public async Task Random_requests_Are_accepted_exactly_when_the_document_allows_them()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        using var client = Utf8Client(gateway);
        var random = new Random(20260401);
        var taken = 0;
        for (var number = 0; number < Cases; number++)
        {
            wickr.Then(200, "{}", "Content-Type: application/json");
            var request = RequestCase.Make(random);
            var allowed = request.IsAllowed();

            using var message = request.Message();
            using var response = await client.SendAsync(message);

            Assert.True(
                response.StatusCode == (allowed ? HttpStatusCode.OK : HttpStatusCode.BadRequest),
                $"case {number}, {(allowed ? "allowed" : "not allowed")} by the document, got {(int)response.StatusCode}: {request} {await response.Content.ReadAsStringAsync()}");
            taken += allowed ? 1 : 0;
        }

        // Both accepted and refused requests must be well represented.
        Assert.InRange(taken, Cases / 5, Cases * 4 / 5);
        Assert.Equal(taken, wickr.Received.Count);
    }

    private static HttpClient Utf8Client(GatewayHost gateway)
    {
        var sockets = new SocketsHttpHandler { ActivityHeadersPropagator = null, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        return new HttpClient(new DocumentedResponses { InnerHandler = sockets }) { BaseAddress = gateway.Address, DefaultRequestHeaders = { { "X-Api-Key", GatewayHost.AllPowerfulKey } } };
    }

    private sealed record RequestCase(string NetworkId, JsonNode? Body, string? Timeout)
    {
        private static readonly JsonNode?[] Oddities = [null, true, 0, 1.5, "", "1", new JsonArray(), new JsonArray("1"), new JsonObject(), new JsonObject { ["suspend"] = true }];
        private static readonly string[] GoodIds = ["1", "007", "7", "0", "1234567890", "42"];
        private static readonly JsonNode?[] BadIds = ["", "12345678901", "-1", "1 ", " 1", "1a", "1\n", "\n", "1.0", "٣", "１", "0x1", null, 1, false, new JsonArray("1"), new JsonObject()];
        private static readonly JsonNode?[] GoodTokens = [null, "a", "Z9", "-_:", "offboarding:4711", new string('t', 64)];
        private static readonly JsonNode?[] BadTokens = ["", "a b", "a\n", "ä", "a.b", "a/b", new string('t', 65), 1, true, new JsonArray(), new JsonObject()];
        private static readonly string[] GoodNetworks = ["12345678", "00000000", "99999999"];
        private static readonly string[] BadNetworks = ["1", "1234567", "123456789", "1234567a", "12345678\n", " 12345678", "١٢٣٤٥٦٧٨", "1234 678", "-1234567"];
        private static readonly string[] GoodTimeouts = ["1", "7", "20"];
        private static readonly string[] BadTimeouts = ["0", "-1", "21", "1.5", "1e1", "ten", "99999999999999999999"];
        private static readonly JsonNode?[] GoodReasons = [null, "x", "Ticket 4711: left the company", "Kündigung, 離職", "a\u00A0b", new string('r', 200)];
        private static readonly string[] UnprintableReasons = ["a\tb", "a\u200Bb", "a\u202Eb", "a\u2028b", "a\uE000b", "a\u0085b"];
        private static readonly JsonNode?[] BadReasons = [.. UnprintableReasons, "", new string('r', 201), 1, true, new JsonArray(), new JsonObject()];

        public static RequestCase Make(Random random)
        {
            // Nine in ten of each part are good, so that about half of the requests are.
            var request = new RequestCase(
                Good(random) ? Pick(random, GoodNetworks) : Pick(random, BadNetworks),
                Good(random) || Good(random) ? Object(random) : Pick(random, Oddities)?.DeepClone(),
                random.Next(3) > 0 ? null : Pick(random, Good(random) ? GoodTimeouts : BadTimeouts));
            return request;
        }

        public bool IsAllowed() =>
            Keeps(Contract.Parameter("networkId")["schema"]!, NetworkId)
            && Contract.Errors(Contract.Operation["requestBody"]!["content"]!["application/json"]!["schema"]!, Text(Body)).Count == 0
            && (Timeout is null || (long.TryParse(Timeout, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && Contract.Errors(Contract.Parameter("X-Request-Timeout")["schema"]!, Timeout).Count == 0))
            && !IsUnprintable(Body);

        public HttpRequestMessage Message()
        {
            var message = new HttpRequestMessage(HttpMethod.Post, $"/networks/{Uri.EscapeDataString(NetworkId)}/users/suspend-status") { Content = Hosting.Json.Body(Text(Body)) };
            if (Timeout is not null)
                message.Headers.TryAddWithoutValidation("X-Request-Timeout", Timeout);

            return message;
        }

        public override string ToString() => $"{Uri.EscapeDataString(NetworkId)} {Text(Body)} {Timeout}";

        /// <summary>The part of the document's rule for a reason that is in words.</summary>
        private static bool IsUnprintable(JsonNode? body) =>
            body is JsonObject request && request["reason"] is JsonValue reason && reason.TryGetValue(out string? text) && UnprintableReasons.Contains(text, StringComparer.Ordinal);

        private static JsonObject Object(Random random)
        {
            var fields = new List<KeyValuePair<string, JsonNode?>>();
            if (Good(random))
                fields.Add(new("suspend", random.Next(2) == 0));
            else if (random.Next(2) == 0)
                fields.Add(new("suspend", Pick(random, Oddities)?.DeepClone()));

            if (Good(random))
                fields.Add(new("userIds", Ids(random)));
            else if (random.Next(2) == 0)
                fields.Add(new("userIds", Pick(random, Oddities)?.DeepClone()));

            if (random.Next(2) == 0)
                fields.Add(new("clientToken", Pick(random, Good(random) ? GoodTokens : BadTokens)?.DeepClone()));

            if (random.Next(3) == 0)
                fields.Add(new("reason", Pick(random, Good(random) ? GoodReasons : BadReasons)?.DeepClone()));

            if (!Good(random))
                fields.Add(new(Pick(random, ["Suspend", "userids", "client_token", "", "x", "$", "clientToken "]), Pick(random, Oddities)?.DeepClone()));

            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fields));
            return new JsonObject(fields);
        }

        private static JsonArray Ids(Random random)
        {
            var count = Pick(random, [0, 1, 1, 1, 2, 2, 3, 5, 49, 50, 50, 51]);
            var ids = new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode?)Pick(random, GoodIds))]);
            if (count > 0 && !Good(random))
                ids[random.Next(count)] = Pick(random, BadIds)?.DeepClone();

            return ids;
        }

        private static bool Keeps(JsonNode schema, string value) => Contract.Errors(schema, JsonValue.Create(value).ToJsonString()).Count == 0;

        private static string Text(JsonNode? body) => body?.ToJsonString() ?? "null";

        private static bool Good(Random random) => random.Next(10) > 0;

        private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
    }
}
