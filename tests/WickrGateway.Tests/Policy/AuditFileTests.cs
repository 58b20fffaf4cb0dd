using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Audit;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>The audit file when the disk fails or someone else changes it: no loss goes unnoticed, and no append waits forever.</summary>
public sealed class AuditFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("audit-file");

    private string FilePath => Path.Combine(_directory.FullName, "audit.jsonl");

    private string[] Files => [.. _directory.EnumerateFiles("audit*.jsonl").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("sed -i 's/alpha/omega/' audit.jsonl")]
    [InlineData("cp audit.jsonl new && echo '{}' >> new && mv new audit.jsonl")]
    [InlineData("cp audit.jsonl new && mv new audit.jsonl")]
    [InlineData(": > audit.jsonl")]
    [InlineData("truncate -s -5 audit.jsonl")]
    [InlineData("echo '{}' >> audit.jsonl")]
    [InlineData("until printf omega | dd of=audit.jsonl bs=1 seek=94 conv=notrunc 2>/dev/null && [ audit.jsonl -nt before ]; do :; done")]
    [InlineData("rm audit.jsonl")]
    [InlineData("mv audit.jsonl taken")]
    [InlineData("mv audit.jsonl taken && cp -p taken audit.jsonl")]
    public async Task Somebody_replaces_cuts_or_changes_the_file_The_next_append_notices_and_goes_on_in_a_new_file(string command)
    {
        var (log, changes) = (new RecordingLogger(), 0);
        await using (var audit = new AuditFile(FilePath, 4096, TimeProvider.System, log, () => changes++))
        {
            Assert.True(await audit.AppendAsync("""{"number":0,"text":"alpha"}"""u8.ToArray()));
            Shell.Run(_directory, "touch -r audit.jsonl before");
            Shell.Run(_directory, command);
            var found = File.Exists(FilePath) ? Shell.Run(_directory, "cat audit.jsonl") : null;

            Assert.True(await audit.AppendAsync("""{"number":1}"""u8.ToArray()));
            Assert.True(await audit.AppendAsync("""{"number":2}"""u8.ToArray()));
            Assert.Equal(found, Files.Length == 1 ? null : File.ReadAllText(Files[0]));
        }

        Assert.Equal(1, changes);
        Assert.Contains("was replaced, cut or changed", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Collection(
            File.ReadAllLines(FilePath),
            line => Assert.Contains("\"event\":\"resumed\"", line, StringComparison.Ordinal),
            line => Assert.EndsWith("\"number\":1}", line, StringComparison.Ordinal),
            line => Assert.EndsWith("\"number\":2}", line, StringComparison.Ordinal));
        Assert.Null(AuditVerification.Verify([FilePath], isContinued: true).Error);
        var whole = AuditVerification.Verify(Files);
        // With its lines untouched the chain itself holds.
        Assert.Equal(command.StartsWith("cp audit.jsonl new && mv", StringComparison.Ordinal) || command.EndsWith("cp -p taken audit.jsonl", StringComparison.Ordinal), whole.Error is null);
    }

    [Fact]
    public void File_is_replaced_between_the_check_and_the_write_Is_noticed_at_the_next_check()
    {
        using var file = AuditFileHandle.Start(FilePath, TimeProvider.System);
        Assert.False(file.Prepare());

        File.Delete(FilePath);
        File.WriteAllText(FilePath, "");
        file.Append("{}\n"u8, new byte[32]);

        Assert.True(file.Prepare());
        Assert.False(file.Prepare());
    }

    [Fact]
    public async Task Files_and_lock_Are_for_the_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return;

        await using var audit = new AuditFile(FilePath, 4096, TimeProvider.System, NullLogger.Instance, onChanged: () => { });
        for (var number = 0; number < 100; number++)
            Assert.True(await audit.AppendAsync("""{"number":0}"""u8.ToArray()));

        Assert.True(Files.Length > 1);
        foreach (var file in (string[])[.. Files, $"{FilePath}.lock"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Second_writer_comes_through_a_link_Is_kept_out()
    {
        var link = Path.Combine(_directory.FullName, "link.jsonl");
        File.CreateSymbolicLink(link, FilePath);
        await using var first = new AuditFile(link, 4096, TimeProvider.System, NullLogger.Instance, onChanged: () => { });
        Assert.True(File.Exists($"{FilePath}.lock"));

        Assert.Throws<SettingsException>(() => AuditFileHandle.Start(FilePath, TimeProvider.System));
        Assert.Throws<SettingsException>(() => AuditFileHandle.Start(link, TimeProvider.System));
    }

    [Fact]
    public async Task Lock_file_is_removed_Second_gateway_is_kept_out_and_the_lock_is_taken_again()
    {
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, environment: null, $"--Audit:Path={FilePath}");
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        File.Delete($"{FilePath}.lock");

        await AssertKeptOutAsync(wickr.Address);

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        // Now it is the lock again that keeps others out.
        Assert.True(new FileInfo($"{FilePath}.lock").Length > 0);
        await AssertKeptOutAsync(wickr.Address);
        Assert.Equal(4, File.ReadAllLines(FilePath).Length);
    }

    /// <summary>No byte of somebody else is cut when a failed write is repaired.</summary>
    [Fact]
    public async Task Disk_is_full_in_a_line_The_rest_of_our_own_line_is_removed_and_the_chain_stays_valid()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prlimit"), "prlimit (Debian's package util-linux) is not there");
        await using var wickr = new ScriptedUpstream().Then(200, GatewayFixture.Success).Then(200, GatewayFixture.Success);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, environment: null, $"--Audit:Path={FilePath}");
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        var length = new FileInfo(FilePath).Length;

        // A file may grow no further, as on a full disk: half of the next line fits.
        Shell.Run(_directory, $"prlimit --pid {gateway.Id} --fsize={length + 100}:unlimited");
        Assert.Equal("audit-unavailable 503 not-applied", (await client.SuspendAsync()).Summary);
        Assert.Equal(length + 100, new FileInfo(FilePath).Length);

        Shell.Run(_directory, $"prlimit --pid {gateway.Id} --fsize=unlimited:unlimited");
        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Equal(new(null, 4, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    private async Task AssertKeptOutAsync(Uri wickr)
    {
        await using var second = GatewayProcess.Start(
            new(StringComparer.Ordinal)
            {
                ["urls"] = "http://127.0.0.1:0",
                ["Wickr:Region"] = "us-east-1",
                ["Wickr:Endpoint"] = wickr.AbsoluteUri,
                ["Auth:Callers:test:ApiKeySha256:0"] = GatewayHost.Sha256(GatewayHost.AllPowerfulKey),
                ["Audit:Path"] = FilePath,
            });
        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains("Audit:Path", string.Join('\n', second.StandardError), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disk_hangs_Appends_fail_after_the_timeout_and_the_chain_stays_valid()
    {
        using var time = new BlockingTime();
        await using (var audit = new AuditFile(FilePath, maxBytes: 150, time, NullLogger.Instance, onChanged: () => { }))
        {
            Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
            time.Hold();
            var rolling = audit.AppendAsync("{\"number\":1}"u8.ToArray()); // Needs a roll, which hangs.
            await HttpClientExtensions.UntilAsync(() => time.IsBlocking);
            var queued = audit.AppendAsync("{\"number\":2}"u8.ToArray());
            time.Advance(AuditFile.Timeout - TimeSpan.FromSeconds(1));
            Assert.False(rolling.IsCompleted || queued.IsCompleted);

            time.Advance(TimeSpan.FromSeconds(1));

            Assert.False(await rolling);
            Assert.False(await queued);
            Assert.False(await audit.AppendAsync("{\"number\":3}"u8.ToArray()));
            time.Release();
            await HttpClientExtensions.UntilAsync(() => audit.AppendAsync("{\"number\":4}"u8.ToArray()).GetAwaiter().GetResult());
        }

        Assert.Equal(["0", "1", "4"], Files.SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("number").GetRawText()));
        Assert.Equal(new(null, 3, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Fact]
    public async Task Path_has_no_extension_Starts_and_rolls_as_any_other()
    {
        var path = Path.Combine(_directory.FullName, "wickr-audit");
        for (var start = 0; start < 2; start++)
        {
            await using var audit = new AuditFile(path, 150, TimeProvider.System, NullLogger.Instance, onChanged: () => { });
            for (var number = 0; number < 3; number++)
                Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
        }

        string[] files = [.. Directory.GetFiles(_directory.FullName, "wickr-audit.2*").Order(StringComparer.Ordinal), path];
        Assert.Equal(6, files.Length);
        Assert.Equal(new(null, 6, []), AuditVerification.Verify(files) with { Notes = [] });
    }

    [Fact]
    public async Task Disk_hangs_and_then_fails_Is_not_logged_as_recovered()
    {
        var log = new RecordingLogger();
        using var time = new BlockingTime();
        var folder = Directory.CreateDirectory(Path.Combine(_directory.FullName, "volume"));
        await using var audit = new AuditFile(Path.Combine(folder.FullName, "audit.jsonl"), maxBytes: 150, time, log, onChanged: () => { });
        Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
        time.Hold();
        var rolling = audit.AppendAsync("{\"number\":1}"u8.ToArray());
        await HttpClientExtensions.UntilAsync(() => time.IsBlocking);
        time.Advance(AuditFile.Timeout);
        Assert.False(await rolling);

        folder.Delete(recursive: true);
        time.Release();
        await HttpClientExtensions.UntilAsync(() => log.Lines.Count == 2);

        Assert.False(await audit.AppendAsync("{\"number\":2}"u8.ToArray()));
        Assert.Collection(
            log.Lines,
            line => Assert.Contains("has not responded", line, StringComparison.Ordinal),
            line => Assert.Contains("cannot be written", line, StringComparison.Ordinal));
    }

    /// <summary>Blocks reading the time, and with it the roll, as a disk that hangs would.</summary>
    private sealed class BlockingTime : FakeTimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _released = new(initialState: true);

        public bool IsBlocking { get; private set; }

        public void Hold() => _released.Reset();

        public void Release() => _released.Set();

        public void Dispose() => _released.Dispose();

        public override DateTimeOffset GetUtcNow()
        {
            IsBlocking = !_released.IsSet;
            _released.Wait();
            return base.GetUtcNow();
        }
    }
}
