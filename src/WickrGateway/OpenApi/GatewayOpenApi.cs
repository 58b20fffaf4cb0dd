using WickrGateway.Settings;

namespace WickrGateway.OpenApi;

/// <summary>The OpenAPI document and the page to try it on.</summary>
internal static class GatewayOpenApi
{
    public static void AddGatewayOpenApi(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen();
    }

    public static void UseGatewayOpenApi(this WebApplication app)
    {
        app.UseSwagger(options => options.OpenApiVersion = Microsoft.OpenApi.OpenApiSpecVersion.OpenApi3_1);
        if (app.Services.GetRequiredService<GatewaySettings>().OpenApi.SwaggerUi)
            app.UseSwaggerUI();
    }
}
