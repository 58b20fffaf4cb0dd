using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using WickrSimulator.Wickr;

namespace WickrSimulator.Control;

/// <summary>The operation that a fault steps into.</summary>
internal sealed record FaultedOperation(ToggleSuspendRequest Request, Func<OperationResult> Run, Journal Journal);

/// <summary>Answers as a fault says, with the operation's effect or without it.</summary>
internal static class FaultAnswer
{
    public static async Task WriteAsync(HttpContext context, FaultRequest fault, FaultQueue queue, FaultedOperation operation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, queue.ResetToken, context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            if (IsNormalAnswer(fault))
                await LateAsync(context, fault, operation, ended.Token);
            else
                await FaultAsync(context, fault, operation, ended.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static bool IsNormalAnswer(FaultRequest fault) => fault.Kind == "reply" && fault.Status is null or StatusCodes.Status200OK;

    private static async Task LateAsync(HttpContext context, FaultRequest fault, FaultedOperation operation, CancellationToken ended)
    {
        if (fault.When == "before")
            await DelayAsync(context, fault, ended);

        var result = operation.Run();
        operation.Journal.Add(operation.Request, result);
        if (fault.When == "after")
            await DelayAsync(context, fault, ended);

        await WickrEndpoint.AnswerAsync(context, result);
    }

    private static async Task FaultAsync(HttpContext context, FaultRequest fault, FaultedOperation operation, CancellationToken ended)
    {
        // The effect comes first and is remembered for the token; what goes out is the fault.
        var effect = fault.When == "after" && operation.Run().Effect;
        var error = new AwsError(fault.Status ?? StatusCodes.Status200OK, fault.ErrorType ?? UsualType(fault.Status), "A fault that was asked for.", fault.Status == StatusCodes.Status422UnprocessableEntity ? [] : null);
        operation.Journal.Add(operation.Request, fault.Kind is "reset" or "hang" ? null : error.Status, fault.Kind == "reply" && error.Type.Length > 0 ? error.Type : null, effect);
        await DelayAsync(context, fault, ended);

        switch (fault.Kind)
        {
            case "reset":
                Reset(context);
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite, ended);
                break;
            case "truncate":
                await TruncateAsync(context, error);
                break;
            default:
                await ReplyAsync(context, fault, error);
                break;
        }
    }

    private static async Task ReplyAsync(HttpContext context, FaultRequest fault, AwsError error)
    {
        if (fault.RetryAfterText is { } wait)
            context.Response.Headers.RetryAfter = wait;

        if (error.Type.Length > 0)
            context.Response.Headers["x-amzn-ErrorType"] = error.Type;

        if (error.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            AwsAnswer.Head(context, error.Status, 0);
        else
            await AwsAnswer.WriteAsync(context, error.Status, AwsAnswer.Body(error));
    }

    /// <summary>Half of the body that the head promised; the server then ends the connection, with FIN, so that the half arrives.</summary>
    private static async Task TruncateAsync(HttpContext context, AwsError error)
    {
        var body = AwsAnswer.Body(error);
        AwsAnswer.Head(context, error.Status, body.Length);
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), context.RequestAborted);
    }

    /// <summary>RST instead of FIN: the linger time of zero makes the socket's end abortive.</summary>
    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { Socket: var socket })
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }

        context.Abort();
    }

    private static Task DelayAsync(HttpContext context, FaultRequest fault, CancellationToken ended) =>
        fault.DelayMs == 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), context.RequestServices.GetRequiredService<TimeProvider>(), ended);

    private static string UsualType(int? status) => status switch
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
