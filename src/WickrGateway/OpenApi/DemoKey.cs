using System.Text.Json;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace WickrGateway.OpenApi;

/// <summary>An API key that the page has filled in, and says so. Only DevHost gives one, in code: there is no setting, so that no configuration can publish a real key.</summary>
internal sealed record DemoKey(string ApiKey)
{
    private const string File = "demo-key.js";

    public static void AddTo(IServiceCollection services, string? apiKey)
    {
        if (apiKey is not null)
            services.AddSingleton(new DemoKey(apiKey));
    }

    /// <summary>To be called while the page is set up, so that the script is served before it. It is a file, because the page runs no script within itself.</summary>
    public void AddTo(IApplicationBuilder app, SwaggerUIOptions page)
    {
        app.Map($"{GatewayOpenApi.Root}/{File}", script => script.Run(context => Results.Text(Script(), "text/javascript").ExecuteAsync(context)));
        page.InjectJavascript(File);
    }

    // The key can be filled in only when the page has read the document.
    private string Script() =>
        $$"""
        addEventListener("DOMContentLoaded", () => {
          const key = {{JsonSerializer.Serialize(ApiKey)}};
          const note = document.createElement("p");
          note.setAttribute("role", "note");
          note.textContent = `This is a demo: the API key ${key} is filled in.`;
          Object.assign(note.style, { maxWidth: "1420px", margin: "0 auto", padding: "12px 20px", font: "600 14px sans-serif" });
          document.getElementById("swagger-ui").before(note);
          const timer = setInterval(() => {
            if (window.ui?.preauthorizeApiKey("{{GatewaySecurity.ApiKey}}", key)) clearInterval(timer);
          }, 50);
        });
        """;
}
