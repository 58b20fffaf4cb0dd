using System.Text.Json;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>What tests and developers steer the simulator with; unsigned, and not in the journal.</summary>
internal static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], () => Results.Text("{\"status\":\"alive\"}", "application/json"));
        var control = routes.MapGroup("/_simulator");
        control.MapGet("/networks/{networkId}/users", (string networkId, WickrState state) => state.Users(networkId) is { } users
            ? Results.Json(new UserList(users), SimulatorJson.Default.UserList)
            : Results.NotFound());
        control.MapGet("/requests", (Journal journal) => Results.Json(new JournalList(journal.Entries), SimulatorJson.Default.JournalList));
        control.MapPost("/faults", AddFaultAsync);
        control.MapFallback("{**path}", () => Results.Text("There are GET /_simulator/networks/{id}/users, GET /_simulator/requests, POST /_simulator/faults and POST /_simulator/reset.", statusCode: StatusCodes.Status404NotFound));
        control.MapPost("/reset", (WickrState state, Journal journal, FaultQueue faults) =>
        {
            faults.Reset();
            state.Reset();
            journal.Reset();
            return Results.NoContent();
        });
    }

    private static async Task<IResult> AddFaultAsync(HttpContext context, FaultQueue queue)
    {
        try
        {
            var fault = await JsonSerializer.DeserializeAsync(context.Request.Body, SimulatorJson.Default.FaultRequest, context.RequestAborted);
            var faults = fault is null ? ["the body must be a JSON object"] : fault.Faults().ToArray();
            if (faults.Length > 0)
                return Results.Text(string.Join(Environment.NewLine, faults), statusCode: StatusCodes.Status400BadRequest);

            queue.Add(fault!);
            return Results.NoContent();
        }
        catch (JsonException malformed)
        {
            return Results.Text($"The fault can't be read: {malformed.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
