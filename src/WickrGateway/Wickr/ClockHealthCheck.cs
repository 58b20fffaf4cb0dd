using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WickrGateway.Wickr;

/// <summary>Reports how far the host's clock is off from Wickr's. Always healthy, because requests are signed with the corrected time.</summary>
internal sealed class ClockHealthCheck(WickrRoutes routes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var seconds = (long)Math.Round(routes.All.Select(route => route.Clock.Correction.TotalSeconds).MaxBy(Math.Abs));
        return Task.FromResult(HealthCheckResult.Healthy(data: seconds == 0 ? null : new Dictionary<string, object>(StringComparer.Ordinal) { ["clockCorrectionSeconds"] = seconds }));
    }
}
