using WickrGateway.Configuration;
using WickrGateway.Observability;

namespace WickrGateway.Callers;

internal static class CallersSetup
{
    public static void AddCallers(this WebApplicationBuilder builder)
    {
        builder.Services.AddLiveSettings("callers", CallerDirectory.Read, CallersFile.GetContentHash);
        builder.Services.AddSingleton<CallerAuthentication>();
        // While tokens are off, their services would only slow down the start, and the framework would add an authentication middleware to each request.
        if (BearerOptions.Read(new SettingsReader(builder.Configuration)).IsEnabled)
            builder.Services.AddBearerAuthentication();
    }
}
