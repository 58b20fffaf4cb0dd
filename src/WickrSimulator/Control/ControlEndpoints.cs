using System.Text.Json;
using WickrSimulator.Signing;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>The endpoints by which tests and developers control the simulator: unsigned and not in the request log.</summary>
internal static class ControlEndpoints
{
    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], () => Results.Text("{\"status\":\"alive\"}", "application/json"));
        var control = routes.MapGroup("/_simulator");
        control.MapGet("/networks/{networkId}/users", (string networkId, WickrState state) => state.Users(networkId) is { } users
            ? Results.Json(new UserList(users), ControlJson.Default.UserList)
            : Results.NotFound());
        control.MapGet("/requests", (RequestLog log) => Results.Json(new RequestList(log.Entries), ControlJson.Default.RequestList));
        control.MapPost("/faults", AddFaultAsync);
        control.MapPost("/reset", Reset);
        // Otherwise a misspelled control path would be taken for one of Wickr's and refused for its signature.
        control.MapFallback("{**path}", () => Results.Text(
            "Control endpoints: GET /_simulator/networks/{id}/users, GET /_simulator/requests, POST /_simulator/faults, POST /_simulator/reset.",
            statusCode: StatusCodes.Status404NotFound));
    }

    private static async Task<IResult> AddFaultAsync(HttpContext context, FaultQueue queue)
    {
        try
        {
            var fault = await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Default.Fault, context.RequestAborted);
            var errors = fault is null ? ["the body must be a JSON object"] : fault.Validate().ToArray();
            if (errors.Length > 0)
                return Results.Text(string.Join(Environment.NewLine, errors), statusCode: StatusCodes.Status400BadRequest);

            queue.Add(fault!);
            return Results.NoContent();
        }
        catch (JsonException malformed)
        {
            return Results.Text($"The fault cannot be read: {malformed.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static IResult Reset(WickrState state, RequestLog log, FaultQueue faults, CredentialStore credentials)
    {
        faults.Reset();
        state.Reset();
        log.Reset();
        credentials.Reset();
        return Results.NoContent();
    }
}
