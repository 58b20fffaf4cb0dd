using WickrGateway.SuspendStatus;

namespace WickrGateway;

/// <summary>Gives the contract's problem to whatever left the pipeline without one: an exception, a route or method that is not there.</summary>
internal static partial class GatewayProblemsMiddleware
{
    public static void UseGatewayProblems(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GatewayProblems).FullName!);
        app.Use(async (context, next) =>
        {
            var problem = await RunAsync(context, next, logger);
            if (problem is not null && !context.Response.HasStarted)
                await problem.ExecuteAsync(context);
        });
    }

    private static async Task<GatewayProblem?> RunAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
            return context.Response switch
            {
                { HasStarted: true } or { ContentLength: not null } or { ContentType: not null } => null,
                { StatusCode: StatusCodes.Status404NotFound } => GatewayProblems.NotFound(),
                { StatusCode: StatusCodes.Status405MethodNotAllowed } => GatewayProblems.MethodNotAllowed(),
                _ => null,
            };
        }
        catch (BadHttpRequestException unreadable)
        {
            return GatewayProblems.Unreadable(unreadable.StatusCode);
        }
        catch (Exception hungUp) when (context.RequestAborted.IsCancellationRequested && hungUp is OperationCanceledException or IOException)
        {
            return null;
        }
        catch (Exception fault)
        {
            // The type and place, not the text: exception texts repeat what they were given.
            Log.Fault(logger, fault.GetType().FullName, fault.StackTrace);
            return GatewayProblems.Internal(Call.Of(context).Read?.Request);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A request failed through a fault of the gateway: {Fault} {Place}")]
        public static partial void Fault(ILogger logger, string? fault, string? place);
    }
}
