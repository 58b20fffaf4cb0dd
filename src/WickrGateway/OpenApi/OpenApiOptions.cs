using WickrGateway.Settings;

namespace WickrGateway.OpenApi;

/// <param name="SwaggerUi">Whether the page at <c>/swagger</c> is served; the documents always are.</param>
internal sealed record OpenApiOptions(bool SwaggerUi)
{
    public static OpenApiOptions Read(SettingsReader settings)
    {
        settings.Know("OpenApi", "SwaggerUi");
        return new OpenApiOptions(settings.Flag("OpenApi:SwaggerUi", otherwise: true));
    }
}
