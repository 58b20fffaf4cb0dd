using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using WickrSimulator.Aws;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>Responds to an operation as a fault says, with the operation's effect or without it.</summary>
internal sealed class FaultInjector(WickrState state, FaultQueue queue, RequestLog log, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    public async Task RespondAsync(HttpContext context, Fault fault, ToggleSuspendRequest request)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, queue.ResetToken, lifetime.ApplicationStopping);
        try
        {
            if (fault is { Kind: "reply", Status: null or StatusCodes.Status200OK })
                await RespondLateAsync(context, fault, request, end.Token);
            else
                await FailAsync(context, fault, request, end.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    /// <summary>The operation's own response, after the fault's delay.</summary>
    private async Task RespondLateAsync(HttpContext context, Fault fault, ToggleSuspendRequest request, CancellationToken end)
    {
        if (fault.When == "before")
            await DelayAsync(fault, end);

        var result = state.Toggle(request);
        log.Add(request, result);
        if (fault.When == "after")
            await DelayAsync(fault, end);

        await AwsResponse.WriteAsync(context, result);
    }

    private async Task FailAsync(HttpContext context, Fault fault, ToggleSuspendRequest request, CancellationToken end)
    {
        // The result of the effect is remembered for the client token, but the caller gets the fault instead.
        var effect = fault.When == "after" && state.Toggle(request).Effect;
        var status = fault.Status ?? StatusCodes.Status200OK;
        var error = new AwsError(status, fault.ErrorType ?? DefaultErrorType(status), "Injected fault.", status == StatusCodes.Status422UnprocessableEntity ? [] : null);
        log.Add(request, fault.Kind is "reset" or "hang" ? null : status, fault.Kind == "reply" && error.Type.Length > 0 ? error.Type : null, effect);
        await DelayAsync(fault, end);

        switch (fault.Kind)
        {
            case "reset":
                Reset(context);
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite, end);
                break;
            case "truncate":
                await TruncateAsync(context, error);
                break;
            default:
                context.Response.Headers.RetryAfter = fault.RetryAfterHeader;
                await AwsResponse.WriteAsync(context, error);
                break;
        }
    }

    /// <summary>Half of the announced body; the server then closes the connection with FIN, so that the half arrives.</summary>
    private static async Task TruncateAsync(HttpContext context, AwsError error)
    {
        var body = AwsResponse.SerializeBody(error);
        AwsResponse.WriteHeaders(context, error.Status, body.Length);
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), context.RequestAborted);
    }

    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { Socket: var socket })
        {
            // With a linger time of zero the close sends RST instead of FIN.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }

        context.Abort();
    }

    private Task DelayAsync(Fault fault, CancellationToken end) =>
        fault.DelayMs == 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), clock, end);

    private static string DefaultErrorType(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "BadRequestError",
        StatusCodes.Status401Unauthorized => "UnauthorizedError",
        StatusCodes.Status403Forbidden => "ForbiddenError",
        StatusCodes.Status404NotFound => "ResourceNotFoundError",
        StatusCodes.Status422UnprocessableEntity => "ValidationError",
        StatusCodes.Status429TooManyRequests => "RateLimitError",
        StatusCodes.Status500InternalServerError => "InternalServerError",
        StatusCodes.Status503ServiceUnavailable => "ServiceUnavailable",
        _ => "",
    };
}
