using Swashbuckle.AspNetCore.SwaggerUI;

namespace WickrGateway.OpenApi;

/// <summary>Swagger UI: opens on the operation, sends requests only to this gateway, and runs no script but its own.</summary>
internal static class SwaggerPage
{
    /// <summary>Swagger UI sets one inline style, which is allowed by its hash.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Stylesheet = "gateway.css";
    private const string Script = "gateway.js";

    public static void UseSwaggerPage(this IApplicationBuilder app)
    {
        var files = new Dictionary<string, IResult>(StringComparer.Ordinal)
        {
            [$"{GatewayOpenApi.Root}/{Stylesheet}"] = Results.Text(Resources.Read("swagger.css"), "text/css"),
            [$"{GatewayOpenApi.Root}/{Script}"] = Results.Text(Resources.Read("swagger.js"), "text/javascript"),
        };
        app.Use(async (context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            if (files.TryGetValue(context.Request.Path.Value!, out var file))
                await file.ExecuteAsync(context);
            else
                await next(context);
        });
        // Without EnablePersistAuthorization: it would keep the key in localStorage, for every later user of the browser and every script of the origin.
        app.UseSwaggerUI(options =>
        {
            options.DocumentTitle = "WickrGateway";
            // Relative to the page, so that any prefix works.
            options.SwaggerEndpoint($"{GatewayOpenApi.DocumentName}/swagger.json", "WickrGateway");
            options.InjectStylesheet(Stylesheet);
            // The script is deferred, because it adds to what Swagger UI's own scripts define.
            options.HeadContent += $"""<meta name="viewport" content="width=device-width, initial-scale=1"><script src="{Script}" defer></script>""";
            options.DocExpansion(DocExpansion.List);
            options.DefaultModelsExpandDepth(0);
            options.EnableTryItOutByDefault();
            options.DisplayRequestDuration();
            options.EnableDeepLinking();
            app.ApplicationServices.GetService<DemoKey>()?.AddTo(app, options);
        });
    }
}
