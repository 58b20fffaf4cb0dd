namespace WickrGateway.Wickr;

internal static class WickrSetup
{
    public static void AddWickr(this IServiceCollection services)
    {
        services.AddSingleton<WickrCredentials>();
        services.AddSingleton<WickrTransport>();
        services.AddSingleton<WickrClient>();
    }
}
