using System.Text.Json;
using Generated;

// The same as common.ts does: calls of each operation, and every problem that PROBLEM_URLS has; prints what was read.
var gateway = ClientOf($"{Environment.GetEnvironmentVariable("GATEWAY_URL")}/");
var request = new SuspendStatusRequest { Suspend = true, UserIds = ["1", "999"], ClientToken = $"generated:{Guid.NewGuid()}", Reason = "INC-4711, Jörg Müller left" };
var changed = await gateway.SuspendStatusAsync("12345678", 10, request);
var dryRun = await gateway.DryRunSuspendStatusAsync("12345678", null, request);
using var lines = await gateway.BulkSuspendStatusAsync("12345678", null, new BulkSuspendStatusRequest { Suspend = true, UserIds = ["1", "999"] });
using var reader = new StreamReader(lines.Stream);
var bulk = new { result = JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("result"), summary = JsonElement.Parse((await reader.ReadLineAsync())!) };
var caller = await gateway.WhoAmIAsync();
var refused = await RefusalAsync(gateway, new SuspendStatusRequest { Suspend = false, UserIds = ["none"] });

var problems = new List<Problem>();
foreach (var url in Environment.GetEnvironmentVariable("PROBLEM_URLS")!.Split(','))
    problems.Add(await RefusalAsync(ClientOf($"{url}/"), request));

var absent = new JsonSerializerOptions { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
Console.WriteLine(JsonSerializer.Serialize(new { changed, dryRun, bulk, caller, refused, problems }, absent));

static GatewayClient ClientOf(string address)
{
    var http = new HttpClient { BaseAddress = new Uri(address) };
    http.DefaultRequestHeaders.Add("X-Api-Key", Environment.GetEnvironmentVariable("GATEWAY_API_KEY"));
    return new GatewayClient(http);
}

static async Task<Problem> RefusalAsync(GatewayClient client, SuspendStatusRequest request)
{
    try
    {
        await client.SuspendStatusAsync("12345678", null, request);
    }
    catch (ApiException<Problem> e) when (e.StatusCode == e.Result.Status)
    {
        return e.Result;
    }

    throw new InvalidOperationException("The call was not refused.");
}
