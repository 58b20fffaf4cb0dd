using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WickrGateway.Hosting;

/// <summary>
/// <c>/healthz</c> (alive) and <c>/readyz</c> (ready). The folder that owns a condition registers its health check. No check sends a request
/// to Wickr: if Wickr fails, the load balancer must not remove every replica.
/// </summary>
internal static class Health
{
    /// <summary>What <c>/healthz</c> responds.</summary>
    public const string AliveBody = "{\"status\":\"alive\"}";

    public static void AddHealth(this IServiceCollection services)
    {
        services.AddHealthJson();
        services.AddHealthChecks().AddCheck<StoppingHealthCheck>("stopping");
    }

    /// <summary>When endpoints are built, the framework looks up how to serialize object, even if only results are returned. Generated metadata spares the start the reflection.</summary>
    public static void AddHealthJson(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, HealthJson.Default));

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteLivenessAsync });
        Map(routes, "/readyz", new HealthCheckOptions { ResponseWriter = WriteReadinessAsync });
    }

    private static void Map(IEndpointRouteBuilder routes, string path, HealthCheckOptions options)
    {
        // Without this the framework adds Cache-Control, Expires and Pragma.
        options.AllowCachingResponses = true;
        var route = routes.MapHealthChecks(path, options);
        route.WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).ExcludeFromDescription();
        ProbeEndpoint.AddTo(route);
    }

    private static Task WriteLivenessAsync(HttpContext context, HealthReport report) =>
        Results.Text(AliveBody, "application/json").ExecuteAsync(context);

    private static Task WriteReadinessAsync(HttpContext context, HealthReport report)
    {
        if (report.Status == HealthStatus.Unhealthy)
            return Results.Problem(GetReason(report), statusCode: context.Response.StatusCode, title: "Not ready", type: "about:blank").ExecuteAsync(context);

        var fields = new OrderedDictionary<string, object?>(StringComparer.Ordinal) { ["status"] = "ready" };
        if (report.Status == HealthStatus.Degraded)
        {
            fields["status"] = "degraded";
            fields["reason"] = GetReason(report);
        }

        foreach (var (name, value) in report.Entries.Values.SelectMany(entry => entry.Data))
            fields[name] = value;

        return Results.Json(fields, HealthJson.Default.OrderedDictionaryStringObject).ExecuteAsync(context);
    }

    /// <summary>The descriptions of the checks that have the status of the whole report, in the order of registration.</summary>
    private static string GetReason(HealthReport report) =>
        // The framework uses an exception's message as the description, and it may contain anything.
        string.Join(' ', report.Entries.Where(check => check.Value.Status == report.Status).Select(check => check.Value.Exception is null ? check.Value.Description : $"The health check {check.Key} failed."));
}

/// <summary>Not ready while the gateway stops, so that the load balancer sends no more requests.</summary>
internal sealed class StoppingHealthCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The gateway is stopping.") : HealthCheckResult.Healthy());
}

/// <summary>The types that occur in the data of health checks.</summary>
[JsonSerializable(typeof(OrderedDictionary<string, object?>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(object))]
internal sealed partial class HealthJson : JsonSerializerContext;
