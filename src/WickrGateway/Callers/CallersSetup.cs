namespace WickrGateway.Callers;

internal static class CallersSetup
{
    public static void AddCallers(this IServiceCollection services)
    {
        services.AddSingleton<LiveCallers>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveCallers>());
        services.AddSingleton<CallerAuthentication>();
        services.AddBearer();
    }
}
