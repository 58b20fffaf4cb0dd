namespace WickrGateway.OpenApi;

/// <summary>Text files of this folder that are embedded in the program.</summary>
internal static class Resources
{
    public static string Read(string file)
    {
        using var text = new StreamReader(typeof(Resources).Assembly.GetManifestResourceStream($"WickrGateway.OpenApi.{file}")!);
        return text.ReadToEnd().TrimEnd();
    }
}
