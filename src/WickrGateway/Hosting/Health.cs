using System.Text.Json.Serialization;
using WickrGateway.Wickr;

namespace WickrGateway.Hosting;

/// <summary>Alive, and ready. Neither asks Wickr: a broken Wickr must not take every replica out of the balancer.</summary>
internal static class Health
{
    private static readonly TimeSpan CredentialsTimeout = TimeSpan.FromSeconds(2);

    public static void AddHealth(this IServiceCollection services) =>
        // Endpoints ask how to write any object before they find that it is a result; generated code answers that without the serializer's whole machinery.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, HealthJson.Default));

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], () => Results.Text("{\"status\":\"alive\"}", "application/json"))
            .WithTags("Health").ExcludeFromDescription();
        routes.MapMethods("/readyz", [HttpMethods.Get, HttpMethods.Head], ReadyAsync).WithTags("Health").ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(
        WickrCredentials credentials, WickrPipeline pipeline, WickrClock clock, IHostApplicationLifetime lifetime, CancellationToken aborted)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return NotReady("The gateway is stopping.");

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        timeout.CancelAfter(CredentialsTimeout);
        if (!await CanSignAsync(credentials, timeout.Token))
            return NotReady($"No AWS credentials can be had. Looked in: {WickrCredentials.Sources}.");

        // A clock that is off and a Wickr that fails are told, but taking this replica out would mend neither.
        var correction = (long)Math.Round(clock.Correction.TotalSeconds);
        return Results.Json(
            new Readiness(
                pipeline.Circuit == Polly.CircuitBreaker.CircuitState.Closed ? "ready" : "degraded",
                pipeline.Circuit == Polly.CircuitBreaker.CircuitState.Closed ? null : "Wickr has been failing; it is not asked, but for probes.",
                correction == 0 ? null : correction),
            HealthJson.Default.Readiness);
    }

    private static async Task<bool> CanSignAsync(WickrCredentials credentials, CancellationToken timeout)
    {
        try
        {
            return await credentials.GetAsync(timeout) is not null;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static IResult NotReady(string reason) => Results.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable, title: "Not ready", type: "about:blank");
}

/// <param name="ClockCorrectionSeconds">What is added to this machine's clock when signing, because Wickr's differs.</param>
internal sealed record Readiness(string Status, string? Reason, long? ClockCorrectionSeconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Readiness))]
[JsonSerializable(typeof(object))]
internal sealed partial class HealthJson : JsonSerializerContext;
