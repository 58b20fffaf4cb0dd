using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Audit;

namespace WickrGateway.Tests.Policy;

/// <summary>The audit file when the disk fails or someone else changes it: no loss goes unnoticed, and no append waits forever.</summary>
public sealed class AuditFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("audit-file");

    private string FilePath => Path.Combine(_directory.FullName, "audit.jsonl");

    private string[] Files => [.. _directory.EnumerateFiles("audit*.jsonl").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Failed_write_left_bytes_queued_Roll_drops_them()
    {
        using (var file = AuditFileHandle.Start(FilePath, TimeProvider.System))
        {
            Append(file);
            file.Abandon();
            File.AppendAllText(FilePath, "{\"prev\":\"half a li");
            file.Roll();
            Append(file);
        }

        Assert.Equal(2, Files.Length);
        Assert.Equal(new(null, 2, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("moved")]
    [InlineData("emptied")]
    public async Task File_is_removed_by_someone_else_Is_created_again_and_no_line_is_lost(string how)
    {
        await using (var audit = new AuditFile(FilePath, 4096, TimeProvider.System, NullLogger.Instance))
        {
            Assert.True(await audit.AppendAsync("""{"number":0}"""u8.ToArray()));
            if (how == "removed")
                File.Delete(FilePath);
            else if (how == "moved")
                File.Move(FilePath, $"{FilePath}.1");
            else
                File.WriteAllText(FilePath, "");

            Assert.True(await audit.AppendAsync("""{"number":1}"""u8.ToArray()));
        }

        Assert.EndsWith("\"number\":1}", Assert.Single(File.ReadAllLines(FilePath)), StringComparison.Ordinal);
        if (how == "moved")
            Assert.Equal(new(null, 2, []), AuditVerification.Verify([$"{FilePath}.1", FilePath]) with { Notes = [] });
    }

    [Fact]
    public async Task Disk_hangs_Appends_fail_after_the_timeout_and_the_chain_stays_valid()
    {
        using var time = new BlockingTime();
        await using (var audit = new AuditFile(FilePath, maxBytes: 150, time, NullLogger.Instance))
        {
            Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
            time.Hold();
            var rolling = audit.AppendAsync("{\"number\":1}"u8.ToArray()); // Needs a roll, which hangs.
            await Hosting.HttpClientExtensions.UntilAsync(() => time.IsBlocking);
            var queued = audit.AppendAsync("{\"number\":2}"u8.ToArray());
            time.Advance(AuditFile.Timeout - TimeSpan.FromSeconds(1));
            Assert.False(rolling.IsCompleted || queued.IsCompleted);

            time.Advance(TimeSpan.FromSeconds(1));

            Assert.False(await rolling);
            Assert.False(await queued);
            Assert.False(await audit.AppendAsync("{\"number\":3}"u8.ToArray()));
            time.Release();
            await Hosting.HttpClientExtensions.UntilAsync(() => audit.AppendAsync("{\"number\":4}"u8.ToArray()).GetAwaiter().GetResult());
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
            await using var audit = new AuditFile(path, 150, TimeProvider.System, NullLogger.Instance);
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
        await using var audit = new AuditFile(Path.Combine(folder.FullName, "audit.jsonl"), maxBytes: 150, time, log);
        Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
        time.Hold();
        var rolling = audit.AppendAsync("{\"number\":1}"u8.ToArray());
        await Hosting.HttpClientExtensions.UntilAsync(() => time.IsBlocking);
        time.Advance(AuditFile.Timeout);
        Assert.False(await rolling);

        folder.Delete(recursive: true);
        time.Release();
        await Hosting.HttpClientExtensions.UntilAsync(() => log.Lines.Count == 2);

        Assert.False(await audit.AppendAsync("{\"number\":2}"u8.ToArray()));
        Assert.Collection(
            log.Lines,
            line => Assert.Contains("has not responded", line, StringComparison.Ordinal),
            line => Assert.Contains("cannot be written", line, StringComparison.Ordinal));
    }

    private static void Append(AuditFileHandle file)
    {
        var line = AuditChain.Link(file.LastHash, """{"number":0}"""u8);
        file.Append([.. line, .. "\n"u8], System.Security.Cryptography.SHA256.HashData(line));
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

    private sealed class RecordingLogger : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
