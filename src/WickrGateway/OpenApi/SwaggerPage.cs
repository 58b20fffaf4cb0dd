using Swashbuckle.AspNetCore.SwaggerUI;

namespace WickrGateway.OpenApi;

/// <summary>Swagger UI: opens on the operation, asks nobody but this gateway, and runs no script that is not its own.</summary>
internal static class SwaggerPage
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseSwaggerPage(this IApplicationBuilder app)
    {
        app.Use(async (context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            await next(context);
        });
        app.UseSwaggerUI(options =>
        {
            options.DocumentTitle = "WickrGateway";
            // Relative to the page, so that no prefix in front of it matters.
            options.SwaggerEndpoint($"{GatewayOpenApi.DocumentName}/swagger.json", "WickrGateway");
            options.DocExpansion(DocExpansion.Full);
            options.DefaultModelsExpandDepth(0);
            options.EnableTryItOutByDefault();
            options.EnablePersistAuthorization();
            options.DisplayRequestDuration();
            options.EnableDeepLinking();
            options.ShowExtensions();
            options.SupportedSubmitMethods(SubmitMethod.Post);
        });
    }
}
