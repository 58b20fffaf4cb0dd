using WickrGateway.Observability;

namespace WickrGateway.Policy;

internal static class PolicySetup
{
    public static void AddPolicy(this IServiceCollection services)
    {
        services.AddLiveSettings("policy", ChangePolicy.Read, static _ => null);
        services.AddSingleton<SuspendLimiter>();
        services.AddSingleton<PolicyRefusals>();
    }
}
