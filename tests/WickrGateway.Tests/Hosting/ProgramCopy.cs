namespace WickrGateway.Tests.Hosting;

/// <summary>The program in a directory of its own, with a settings file of its own: the gateway reads the one beside the program.</summary>
internal sealed class ProgramCopy : IDisposable
{
    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("gateway-test-");

    public ProgramCopy()
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var name = System.IO.Path.GetFileName(file);
            // The program and what it finds beside itself is copied, because links are resolved; the rest is large and linked.
            if (name.StartsWith("WickrGateway", StringComparison.Ordinal) || name == "appsettings.json")
                File.Copy(file, System.IO.Path.Combine(Directory, name));
            else
                File.CreateSymbolicLink(System.IO.Path.Combine(Directory, name), file);
        }
    }

    public string Directory => _directory.FullName;

    public string SettingsFile => System.IO.Path.Combine(Directory, "appsettings.json");

    /// <summary>Replaces a part of the shipped settings file, which must be in it.</summary>
    public void Replace(string shipped, string replacement)
    {
        var text = File.ReadAllText(SettingsFile);
        Assert.Contains(shipped, text, StringComparison.Ordinal);
        File.WriteAllText(SettingsFile, text.Replace(shipped, replacement, StringComparison.Ordinal));
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
