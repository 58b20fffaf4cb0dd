using WickrGateway.SuspendStatus;

namespace WickrGateway.Problems;

/// <summary>Gives the contract's problem to whatever left the pipeline without one: an exception, a route or method that is not there.</summary>
internal static partial class GatewayProblemsMiddleware
{
    public static void UseGatewayProblems(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProblemCatalog).FullName!);
        app.Use(next => context => RunAsync(context, next, logger));
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        GatewayProblem? problem;
        try
        {
            await next(context);
            problem = Missing(context.Response);
        }
        catch (BadHttpRequestException unreadable)
        {
            problem = ProblemCatalog.Unreadable(unreadable.StatusCode);
        }
        catch (Exception hungUp) when (context.RequestAborted.IsCancellationRequested && hungUp is OperationCanceledException or IOException)
        {
            return;
        }
        catch (Exception fault)
        {
            // The type and place, not the text: exception texts repeat what they were given.
            Log.Fault(logger, fault.GetType().FullName, fault.StackTrace);
            problem = ProblemCatalog.Internal(Call.Of(context).Read?.Request);
        }

        if (problem is not null && !context.Response.HasStarted)
            await problem.ExecuteAsync(context);
    }

    private static GatewayProblem? Missing(HttpResponse response) => response switch
    {
        { HasStarted: true } or { ContentLength: not null } or { ContentType: not null } => null,
        { StatusCode: StatusCodes.Status404NotFound } => ProblemCatalog.NotFound(),
        { StatusCode: StatusCodes.Status405MethodNotAllowed } => ProblemCatalog.MethodNotAllowed(),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A request failed through a fault of the gateway: {Fault} {Place}")]
        public static partial void Fault(ILogger logger, string? fault, string? place);
    }
}
