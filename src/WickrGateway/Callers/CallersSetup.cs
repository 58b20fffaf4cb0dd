using WickrGateway.Configuration;

namespace WickrGateway.Callers;

internal static class CallersSetup
{
    public static void AddCallers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<CallerStore>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<CallerStore>());
        builder.Services.AddSingleton<CallerAuthentication>();
        // Where tokens are off their machinery would only cost every start, and every call a middleware that the framework puts in front of it.
        if (BearerOptions.Read(new SettingsReader(builder.Configuration)).IsEnabled)
            builder.Services.AddBearer();
    }
}
