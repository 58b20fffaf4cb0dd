namespace WickrGateway.Callers;

internal static class CallersSetup
{
    public static void AddCallers(this IServiceCollection services) => services.AddSingleton<CallerAuthentication>();
}
