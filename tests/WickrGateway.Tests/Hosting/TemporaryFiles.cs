namespace WickrGateway.Tests.Hosting;

/// <summary>A directory that lives as long as a test.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("wickr-gateway-");

    /// <summary>Writes the file and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = PathOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    public string PathOf(string name) => Path.Combine(Directory.FullName, name);

    /// <summary>The lines of a file that another process or thread may be writing to.</summary>
    public IReadOnlyList<string> Lines(string name)
    {
        using var text = new StreamReader(new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose() => Directory.Delete(recursive: true);
}
