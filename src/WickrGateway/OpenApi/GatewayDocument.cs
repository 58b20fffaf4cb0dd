using System.Reflection;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace WickrGateway.OpenApi;

/// <summary>The document around the operation: what it is called, who answers for it, and what the operation refers to.</summary>
internal sealed class GatewayDocument(OpenApiOptions options) : IDocumentFilter
{
    private static readonly Assembly Gateway = typeof(GatewayDocument).Assembly;

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        swaggerDoc.Info = new OpenApiInfo
        {
            Title = "WickrGateway",
            Version = Gateway.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            Summary = "Suspends and unsuspends users of Wickr networks.",
            Description = Resources.Read("introduction.md"),
            Contact = Contact(options.Contact),
            License = License(options.License),
        };
        swaggerDoc.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Suspend status", Description = "Whether users may use their network: suspend them, or lift the suspension." },
        };
        GatewaySchemas.AddTo(swaggerDoc);
    }

    private static OpenApiContact? Contact(OpenApiContactOptions contact) =>
        contact.IsGiven ? new OpenApiContact { Name = contact.Name, Url = contact.Url, Email = contact.Email } : null;

    private static OpenApiLicense? License(OpenApiLicenseOptions license) =>
        license.Name is { } name ? new OpenApiLicense { Name = name, Url = license.Url } : null;
}
