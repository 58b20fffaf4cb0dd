using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>A file that the settings name and that cannot be used ends the start with its path and the cause, in one line.</summary>
public sealed class FileFaultTests : IDisposable
{
    private readonly TemporaryFiles _files = new();

    private string Root => _files.Directory.FullName;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("Audit:Path", "missing/audit.jsonl", "cannot be opened: the directory {0}/missing does not exist")]
    [InlineData("Audit:Path", "directory", "cannot be opened: it is a directory")]
    [InlineData("Audit:Path", "file/audit.jsonl", "cannot be opened: the directory {0}/file does not exist")]
    [InlineData("Auth:CallersFile", "missing/callers.json", "cannot be read: the directory {0}/missing does not exist")]
    [InlineData("Auth:CallersFile", "missing.json", "cannot be read: the file does not exist")]
    [InlineData("Auth:CallersFile", "directory", "cannot be read: it is a directory")]
    [InlineData("Auth:CallersFile", "file", "is not valid JSON at line 2")]
    [InlineData("Auth:CallersFile", "list", "must be a JSON object with the single field Callers, an object")]
    public async Task File_cannot_be_used_Ends_the_start_with_key_path_and_cause(string key, string path, string cause)
    {
        Directory.CreateDirectory(Path.Combine(Root, "directory"));
        _files.Write("file", "{\nhush-hush");
        _files.Write("list", "[]");
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--{key}={path}"], workingDirectory: Root);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Equal(["WickrGateway cannot start, invalid configuration:", $"  {key}: {Root}/{path} {cause.Replace("{0}", Root, StringComparison.Ordinal)}"], gateway.StandardError);
        Assert.DoesNotContain("hush", gateway.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Root, "*.lock"));
    }

    [Fact]
    public async Task Audit_file_is_another_gateways_Ends_the_start_with_that()
    {
        var path = Path.Combine(Root, "audit.jsonl");
        await using var wickr = new ScriptedUpstream();
        await using var first = await GatewayProcess.StartAsync(wickr.Address, environment: null, $"--Audit:Path={path}");
        await using var second = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--Audit:Path={path}"]);

        Assert.Equal(1, await second.ExitAsync());
        Assert.Equal($"  Audit:Path: {path} cannot be opened: it is locked by another process", second.StandardError[^1]);

        // Somebody removes the lock file: then it is the lock on the file itself.
        File.Delete($"{path}.lock");
        await using var third = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--Audit:Path={path}"]);

        Assert.Equal(1, await third.ExitAsync());
        Assert.Equal($"  Audit:Path: {path} cannot be opened: it is locked by another process", third.StandardError[^1]);
    }

    [Theory]
    [InlineData("Audit:Path", "opened")]
    [InlineData("Auth:CallersFile", "read")]
    public async Task No_permission_Ends_the_start_with_that(string key, string verb)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && (!Environment.IsPrivilegedProcess || File.Exists(GatewayProcess.SetPriv)), "permissions do not bind root, and setpriv is not installed");
        var path = _files.Write("file.json", "{}");
        Shell.Run(_files.Directory, "chmod 000 file.json");
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--{key}={path}"], obeysPermissions: true);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Equal($"  {key}: {path} cannot be {verb}: no permission", gateway.StandardError[^1]);
    }

    [Fact]
    public async Task Path_has_a_line_break_Stays_one_line()
    {
        await using var gateway = GatewayProcess.Start(GatewayProcess.MinimalSettings(), [$"--Audit:Path={Root}/missing\n/audit.jsonl"]);

        Assert.Equal(1, await gateway.ExitAsync());
        Assert.Equal(2, gateway.StandardError.Count);
    }
}
