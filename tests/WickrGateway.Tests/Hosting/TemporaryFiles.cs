namespace WickrGateway.Tests.Hosting;

/// <summary>A directory that lives as long as a test.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("wickr-gateway-");

    /// <summary>Writes the file and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(recursive: true);
}
