namespace WickrGateway.OpenApi;

/// <summary>Texts that are files in this folder and part of the program.</summary>
internal static class Resources
{
    public static string Read(string file)
    {
        using var text = new StreamReader(typeof(Resources).Assembly.GetManifestResourceStream($"WickrGateway.OpenApi.{file}")!);
        return text.ReadToEnd().TrimEnd();
    }
}
