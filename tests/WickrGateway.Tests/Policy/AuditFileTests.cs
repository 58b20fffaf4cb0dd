using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Audit;

namespace WickrGateway.Tests.Policy;

/// <summary>The audit file on a disk, and beside hands, that do what they should not: nothing is lost unseen, and nobody waits for ever.</summary>
public sealed class AuditFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("audit-file");

    private string FilePath => Path.Combine(_directory.FullName, "audit.jsonl");

    private string[] Files => [.. _directory.EnumerateFiles("audit*.jsonl").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_a_failed_write_left_behind_Does_not_go_along_with_a_roll()
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
    public async Task A_file_that_another_hand_took_away_Is_begun_anew_so_that_no_line_is_lost(string how)
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
    public async Task A_disk_that_does_not_answer_Is_waited_for_no_longer_than_its_patience_and_the_chain_holds_when_it_does()
    {
        using var time = new HeldTime();
        await using (var audit = new AuditFile(FilePath, maxBytes: 150, time, NullLogger.Instance))
        {
            Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
            time.Hold();
            var inHand = audit.AppendAsync("{\"number\":1}"u8.ToArray()); // It has to roll for this, and does not come to an end.
            await Hosting.HttpClientExtensions.UntilAsync(() => time.IsWaitedFor);
            var behind = audit.AppendAsync("{\"number\":2}"u8.ToArray());
            time.Advance(AuditFile.Timeout - TimeSpan.FromSeconds(1));
            Assert.False(inHand.IsCompleted || behind.IsCompleted);

            time.Advance(TimeSpan.FromSeconds(1));

            Assert.False(await inHand);
            Assert.False(await behind);
            Assert.False(await audit.AppendAsync("{\"number\":3}"u8.ToArray()));
            time.Release();
            await Hosting.HttpClientExtensions.UntilAsync(() => audit.AppendAsync("{\"number\":4}"u8.ToArray()).GetAwaiter().GetResult());
        }

        Assert.Equal(["0", "1", "4"], Files.SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("number").GetRawText()));
        Assert.Equal(new(null, 3, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Fact]
    public async Task A_path_without_an_extension_Starts_and_rolls_as_any_other()
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
    public async Task A_disk_that_hangs_and_then_fails_Is_not_said_to_be_well_again()
    {
        var log = new LinesKept();
        using var time = new HeldTime();
        var folder = Directory.CreateDirectory(Path.Combine(_directory.FullName, "volume"));
        await using var audit = new AuditFile(Path.Combine(folder.FullName, "audit.jsonl"), maxBytes: 150, time, log);
        Assert.True(await audit.AppendAsync("{\"number\":0}"u8.ToArray()));
        time.Hold();
        var inHand = audit.AppendAsync("{\"number\":1}"u8.ToArray());
        await Hosting.HttpClientExtensions.UntilAsync(() => time.IsWaitedFor);
        time.Advance(AuditFile.Timeout);
        Assert.False(await inHand);

        folder.Delete(recursive: true);
        time.Release();
        await Hosting.HttpClientExtensions.UntilAsync(() => log.Lines.Count == 2);

        Assert.False(await audit.AppendAsync("{\"number\":2}"u8.ToArray()));
        Assert.Collection(
            log.Lines,
            line => Assert.Contains("has not answered", line, StringComparison.Ordinal),
            line => Assert.Contains("cannot be written", line, StringComparison.Ordinal));
    }

    private static void Append(AuditFileHandle file)
    {
        var line = AuditChain.Link(file.LastHash, """{"number":0}"""u8);
        file.Append([.. line, .. "\n"u8], System.Security.Cryptography.SHA256.HashData(line));
    }

    /// <summary>Can keep those waiting who ask for the time, as a disk does that does not answer.</summary>
    private sealed class HeldTime : FakeTimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _free = new(initialState: true);

        public bool IsWaitedFor { get; private set; }

        public void Hold() => _free.Reset();

        public void Release() => _free.Set();

        public void Dispose() => _free.Dispose();

        public override DateTimeOffset GetUtcNow()
        {
            IsWaitedFor = !_free.IsSet;
            _free.Wait();
            return base.GetUtcNow();
        }
    }

    private sealed class LinesKept : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
