using System.Reflection;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using WickrGateway.Callers;

namespace WickrGateway.OpenApi;

/// <summary>The document around the operations: title, tags, and what all operations refer to.</summary>
internal sealed class GatewayDocument(BearerOptions bearer) : IDocumentFilter
{
    private const string Key = "an API key in `X-Api-Key`";
    private const string KeyOrToken = $"{Key}, or a JSON Web Token as `Authorization: Bearer …`; either is enough";

    private static readonly Assembly Gateway = typeof(GatewayDocument).Assembly;

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        swaggerDoc.Info = new OpenApiInfo
        {
            Title = "WickrGateway",
            Version = Gateway.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            Summary = "Suspends and unsuspends users of Wickr networks.",
            Description = Resources.Read("introduction.md").Replace("{credential}", bearer.IsEnabled ? KeyOrToken : Key, StringComparison.Ordinal),
        };
        swaggerDoc.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Suspend status", Description = "Whether users may use their network: suspend them, or lift the suspension." },
            new() { Name = "Caller", Description = "What the caller may do." },
        };
        GatewaySchemas.AddTo(swaggerDoc, bearer.IsEnabled);
    }
}
