using Microsoft.AspNetCore.Diagnostics;
using WickrGateway.Observability;

namespace WickrGateway.Problems;

/// <summary>Writes the catalog's problem for whatever left the pipeline without one: an exception, an unknown route or method.</summary>
internal static class UnhandledProblems
{
    public static void AddUnhandledProblems(this IServiceCollection services) => services.AddExceptionHandler<ExceptionHandler>();

    public static void UseUnhandledProblems(this IApplicationBuilder app)
    {
        // The middleware wants a handler of its own; the registered one does the work.
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = static _ => Task.CompletedTask });
        app.UseStatusCodePages(static context => context.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => WriteAsync(context.HttpContext, ProblemCatalog.NotFound()),
            StatusCodes.Status405MethodNotAllowed => WriteAsync(context.HttpContext, ProblemCatalog.MethodNotAllowed()),
            _ => Task.CompletedTask,
        });
    }

    private static Task WriteAsync(HttpContext context, GatewayProblem problem)
    {
        context.Features.Set(new RequestSummary(Caller: null, Network: null, problem.Type.Name));
        return problem.ExecuteAsync(context);
    }

    private sealed partial class ExceptionHandler(ILogger<ExceptionHandler> logger) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            GatewayFailureLog.Write(logger, exception);
            await WriteAsync(httpContext, ProblemCatalog.Internal(clientToken: null));
            return true;
        }
    }
}

/// <summary>The one log line for an unexpected exception.</summary>
internal static partial class GatewayFailureLog
{
    /// <summary>The type and where it happened, not the text: exception texts repeat what they were given.</summary>
    public static void Write(ILogger logger, Exception exception) => Log.Failed(logger, exception.GetType().FullName, exception.StackTrace);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The gateway failed to process a request, and the caller gets a 500: {ExceptionType} {StackTrace}. This is a bug; report it with this line")]
        public static partial void Failed(ILogger logger, string? exceptionType, string? stackTrace);
    }
}
