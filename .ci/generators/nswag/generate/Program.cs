using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

// Arguments: the OpenAPI document and the file to write.
var settings = new CSharpClientGeneratorSettings { ClassName = "GatewayClient", UseBaseUrl = false };
settings.CSharpGeneratorSettings.Namespace = "Generated";
settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.SystemTextJson;
await File.WriteAllTextAsync(args[1], new CSharpClientGenerator(await OpenApiDocument.FromFileAsync(args[0]), settings).GenerateFile());
