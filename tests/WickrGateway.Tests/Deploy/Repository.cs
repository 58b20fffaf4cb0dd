namespace WickrGateway.Tests.Deploy;

/// <summary>The files of the repository, found from the folder that the tests were built into.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "WickrGateway.sln")))
            directory = directory.Parent;

        return directory?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
