using Microsoft.OpenApi;

namespace WickrGateway.OpenApi;

/// <summary>The OpenAPI documents at <c>/swagger/v1/swagger.json</c> and <c>.yaml</c>, and Swagger UI at <c>/swagger</c>.</summary>
internal static class GatewayOpenApi
{
    public const string DocumentName = "v1";

    public const string Root = "/swagger";

    public static void AddGatewayOpenApi(this IServiceCollection services)
    {
        services.AddSingleton<OpenApiDocuments>();
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc(DocumentName, new OpenApiInfo());
            options.OperationFilter<CallerOperationFilter>();
            options.DocumentFilter<GatewayDocument>();
            options.DocumentFilter<CallerOperationFilter>();
        });
    }

    public static void UseGatewayOpenApi(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<OpenApiOptions>();
        app.Use(next =>
        {
            // Built for the first request: documents and page must not cost every start time and memory.
            var documents = new Lazy<RequestDelegate>(() => Build(app, settings, next));
            return context => context.Request.Path.StartsWithSegments(Root, StringComparison.Ordinal)
                ? documents.Value(context)
                : IsRootRequest(context.Request) ? RootEndpoint(PublicPrefix.Of(context.Request, settings), settings.SwaggerUi).ExecuteAsync(context) : next(context);
        });
    }

    /// <summary>Not a route, because a route would respond with 405 to other methods; for them this path does not exist.</summary>
    private static bool IsRootRequest(HttpRequest request) =>
        request.Path.Value is "" or "/" && IsRead(request);

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static RequestDelegate Build(IApplicationBuilder app, OpenApiOptions settings, RequestDelegate next)
    {
        var branch = app.New();
        var documents = app.ApplicationServices.GetRequiredService<OpenApiDocuments>();
        branch.Use((context, next) => !IsRead(context.Request) ? next(context) : context.Request.Path.Value switch
        {
            $"{Root}/{DocumentName}/swagger.json" => documents.WriteJsonAsync(context),
            $"{Root}/{DocumentName}/swagger.yaml" or $"{Root}/{DocumentName}/swagger.yml" => documents.WriteYamlAsync(context),
            _ => next(context),
        });
        if (settings.SwaggerUi)
            branch.UseSwaggerPage();

        branch.Run(next);
        return branch.Build();
    }

    /// <summary>Relative unless the prefix is known, so that it also works where only the proxy knows the prefix.</summary>
    private static IResult RootEndpoint(string prefix, bool page)
    {
        var root = prefix.Length == 0 ? "" : $"{prefix}/";
        return page
            ? Results.Redirect($"{root}swagger")
            : Results.Text($$"""{"documents":["{{root}}swagger/v1/swagger.json","{{root}}swagger/v1/swagger.yaml"],"health":["{{root}}healthz","{{root}}readyz"]}""", "application/json");
    }
}
