using System.Globalization;
using System.Text;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace WickrGateway.OpenApi;

/// <summary>
/// Serves the document as JSON and as YAML. Each is built once; only the server's URL depends on the request, and it is put between the two
/// parts that are the same for all. So nothing that a request says is kept.
/// </summary>
internal sealed class OpenApiDocuments
{
    /// <summary>A path like the prefixes that take its place, so that both formats quote it in the same way.</summary>
    private const string Placeholder = "/placeholder-of-the-server-url";

    private readonly ISwaggerProvider _generator;
    private readonly OpenApiOptions _options;
    private readonly Lazy<Parts> _json;
    private readonly Lazy<Parts> _yaml;

    public OpenApiDocuments(ISwaggerProvider generator, OpenApiOptions options)
    {
        (_generator, _options) = (generator, options);
        _json = new Lazy<Parts>(() => Build(static text => new OpenApiJsonWriter(text)));
        _yaml = new Lazy<Parts>(() => Build(static text => new OpenApiYamlWriter(text)));
    }

    public Task WriteJsonAsync(HttpContext context) => WriteAsync(context, _json.Value, "application/json;charset=utf-8");

    public Task WriteYamlAsync(HttpContext context) => WriteAsync(context, _yaml.Value, "text/yaml;charset=utf-8");

    private async Task WriteAsync(HttpContext context, Parts parts, string contentType)
    {
        var prefix = PublicPrefix.Of(context.Request, _options);
        var url = parts.HasPlaceholder ? Encoding.UTF8.GetBytes(prefix.Length == 0 ? "/" : prefix) : [];
        var response = context.Response;
        response.ContentType = contentType;
        response.ContentLength = parts.Before.Length + url.Length + parts.After.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(context.Request.Method))
            return;

        await response.Body.WriteAsync(parts.Before, context.RequestAborted);
        await response.Body.WriteAsync(url, context.RequestAborted);
        await response.Body.WriteAsync(parts.After, context.RequestAborted);
    }

    private Parts Build(Func<TextWriter, IOpenApiWriter> createWriter)
    {
        var document = _generator.GetSwagger(GatewayOpenApi.DocumentName);
        document.Servers = _options.Servers.Count > 0
            ? [.. _options.Servers.Select(url => new OpenApiServer { Url = url })]
            : [new OpenApiServer { Url = Placeholder, Description = "This gateway" }];
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(createWriter(text));
        var parts = WithOlderPatch(text.ToString()).Split(Placeholder);
        return new Parts(Encoding.UTF8.GetBytes(parts[0]), parts.Length > 1 ? Encoding.UTF8.GetBytes(parts[1]) : [], HasPlaceholder: parts.Length > 1);
    }

    /// <summary>
    /// The library says 3.1.2, which validators that list the versions they know refuse. Nothing in the document differs between the two: 3.1.2 only has
    /// a clearer text.
    /// </summary>
    private static string WithOlderPatch(string document)
    {
        var version = document.IndexOf("3.1.", StringComparison.Ordinal) + "3.1.".Length;
        return $"{document[..version]}1{document[(version + 1)..]}";
    }

    private sealed record Parts(byte[] Before, byte[] After, bool HasPlaceholder);
}
