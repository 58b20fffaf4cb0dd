using WickrGateway.Audit;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Doctor;

/// <summary>What the doctor finds in an audit file, which it neither locks nor writes.</summary>
public sealed class DoctorAuditFileTests : IAsyncDisposable
{
    private readonly ScriptedUpstream _wickr = new ScriptedUpstream().ThenAlways(200, GatewayFixture.Success);
    private readonly TemporaryFiles _files = new();

    private string AuditFile => _files.PathOf("audit.jsonl");

    public async ValueTask DisposeAsync()
    {
        await _wickr.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_gateway_has_stopped_The_chain_ends_where_it_was_left()
    {
        await WriteAsync();

        Assert.Equal((AuditFileUse.Free, AuditFileCondition.Intact), Inspect());
    }

    [Fact]
    public void There_is_no_file_Can_be_created() => Assert.Equal((AuditFileUse.Free, AuditFileCondition.New), Inspect());

    [Theory]
    [InlineData("a line was added", "printf '{\"prev\":\"%064d\"}\\n' 0 >> audit.jsonl")]
    [InlineData("text was added", "printf 'x\\n' >> audit.jsonl")]
    [InlineData("a part of a line was added", "printf x >> audit.jsonl")]
    [InlineData("the last line was cut", "head -n -1 audit.jsonl > cut && cat cut > audit.jsonl")]
    [InlineData("a byte of the last line was changed", "sed -i '$s/completed/complEted/' audit.jsonl")]
    [InlineData("the file was removed", "rm audit.jsonl")]
    [InlineData("the file was emptied", ": > audit.jsonl")]
    public async Task Somebody_changed_it_after_a_stop_Fails(string what, string command)
    {
        await WriteAsync();
        Shell.Run(_files.Directory, command);
        var (before, text) = (Names(), Directory.GetFiles(_files.Directory.FullName).Select(File.ReadAllText).ToList());

        var run = await DoctorRun.RunAsync(DoctorRun.Settings(_wickr.Address), $"--Audit:Path={AuditFile}");

        Assert.True(run.Of("audit-file").Status == "fail", what);
        Assert.Contains("somebody replaced, cut or changed it", run.Of("audit-file").Message, StringComparison.Ordinal);
        Assert.Equal(before, Names());
        Assert.Equal(text, Directory.GetFiles(_files.Directory.FullName).Select(File.ReadAllText));
    }

    [Fact]
    public async Task A_gateway_was_killed_within_a_line_Is_no_failure_because_the_next_start_records_it()
    {
        await WriteAsync(kill: true);
        Shell.Run(_files.Directory, "printf '{\"prev' >> audit.jsonl");

        Assert.Equal((AuditFileUse.Free, AuditFileCondition.Partial), Inspect());
        Assert.Equal("pass", (await DoctorRun.RunAsync(DoctorRun.Settings(_wickr.Address), $"--Audit:Path={AuditFile}")).Of("audit-file").Status);
    }

    [Fact]
    public async Task The_file_is_rolled_and_a_link_leads_to_it_Is_intact()
    {
        await WriteAsync("--Audit:MaxFileBytes=4096", calls: 20);
        Assert.True(Names().Count > 2);
        File.CreateSymbolicLink(_files.PathOf("link.jsonl"), AuditFile);

        Assert.Equal((AuditFileUse.Free, AuditFileCondition.Intact), AuditFileInspection.Inspect(_files.PathOf("link.jsonl"), TimeProvider.System));
        File.Delete(AuditFile);
        Assert.Equal(AuditFileCondition.Changed, Inspect().Condition);
    }

    [Theory]
    [InlineData("missing/audit.jsonl", "the directory")]
    [InlineData("", "it is a directory")]
    public async Task The_path_cannot_be_used_Fails_with_path_and_cause(string path, string cause)
    {
        var run = await DoctorRun.RunAsync(DoctorRun.Settings(_wickr.Address), $"--Audit:Path={_files.PathOf(path)}");

        Assert.Equal("fail", run.Of("audit-file").Status);
        Assert.Contains(cause, run.Of("audit-file").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chmod 500 .")]
    [InlineData("touch audit.jsonl; chmod 400 audit.jsonl")]
    [InlineData("touch audit.jsonl audit.jsonl.lock; chmod 400 audit.jsonl.lock")]
    public async Task There_is_no_permission_to_write_Fails(string command)
    {
        Assert.SkipUnless(!Environment.IsPrivilegedProcess || File.Exists(GatewayProcess.SetPriv), "root without setpriv writes everything");
        Shell.Run(_files.Directory, command);
        await using var doctor = GatewayProcess.Start(DoctorRun.Settings(_wickr.Address), ["doctor", $"--Audit:Path={AuditFile}"], obeysPermissions: true);

        Assert.Equal(2, await doctor.ExitAsync());

        Shell.Run(_files.Directory, "chmod 700 .");
        Assert.Contains(doctor.StandardOutput, line => line.StartsWith("fail  audit-file: ", StringComparison.Ordinal) && line.EndsWith("cannot be used: no permission", StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_is_a_pipe_Does_not_wait_for_a_writer()
    {
        Shell.Run(_files.Directory, "mkfifo audit.jsonl");

        Assert.True(FileFault.IsUnusable(Assert.ThrowsAny<Exception>(() => Inspect())));
    }

    private (AuditFileUse Use, AuditFileCondition Condition) Inspect() => AuditFileInspection.Inspect(AuditFile, TimeProvider.System);

    private List<string> Names() => [.. Directory.EnumerateFiles(_files.Directory.FullName).Order(StringComparer.Ordinal)];

    private async Task WriteAsync(string setting = "--Audit:MaxFileBytes=1000000", int calls = 1, bool kill = false)
    {
        await using var gateway = await GatewayProcess.StartAsync(_wickr.Address, environment: null, $"--Audit:Path={AuditFile}", setting);
        using var client = gateway.Client();
        for (var call = 0; call < calls; call++)
            Assert.Equal("200", (await client.SuspendAsync()).Summary);

        if (kill)
            gateway.Kill();
        else
            await gateway.TerminateAsync();

        await gateway.ExitAsync();
    }
}
