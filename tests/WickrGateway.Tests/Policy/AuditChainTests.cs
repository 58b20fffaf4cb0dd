using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Audit;
using WickrGateway.Settings;

namespace WickrGateway.Tests.Policy;

/// <summary>The chain over the audit file: it holds across rolls, restarts and crashes, and no change of a line goes unseen.</summary>
public sealed class AuditChainTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chain");

    private string FilePath => Path.Combine(_directory.FullName, "audit.jsonl");

    /// <summary>As a shell expands <c>audit.*jsonl</c>.</summary>
    private string[] Files => [.. _directory.EnumerateFiles("audit*.jsonl").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_chain_Holds_across_rolls_and_restarts_and_callers_at_once()
    {
        for (var start = 0; start < 3; start++)
            await AppendAsync(count: 100, maxBytes: 4096);

        Assert.True(Files.Length > 3);
        Assert.All(Files, file => Assert.True(new FileInfo(file).Length <= 4096));
        var verdict = AuditVerification.Verify(Files);
        Assert.Null(verdict.Fault);
        Assert.Equal(300, verdict.Lines);
        Assert.Empty(verdict.Notes);
    }

    [Fact]
    public async Task A_restart_right_after_a_roll_Goes_on_with_the_chain()
    {
        await AppendAsync(count: 5);
        File.Move(FilePath, Path.Combine(_directory.FullName, "audit.20260101T000000000Z.jsonl"));

        await AppendAsync(count: 5);

        Assert.Equal(new(null, 10, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("deleted")]
    [InlineData("inserted")]
    [InlineData("swapped")]
    [InlineData("blank")]
    public async Task The_first_line_that_does_not_follow_Is_told(string tampering)
    {
        await AppendAsync(count: 10);
        var lines = File.ReadAllLines(FilePath).ToList();
        switch (tampering)
        {
            case "changed":
                lines[4] = lines[4].Replace("\"number\":4", "\"number\":9", StringComparison.Ordinal);
                break;
            case "deleted":
                lines.RemoveAt(4);
                break;
            case "inserted":
                lines.Insert(4, lines[3]);
                break;
            case "swapped":
                (lines[4], lines[5]) = (lines[5], lines[4]);
                break;
            default:
                lines.Insert(4, "");
                break;
        }

        File.WriteAllText(FilePath, string.Join('\n', lines) + "\n");

        var place = tampering == "changed" ? 6 : 5;
        Assert.StartsWith($"{FilePath}:{place}:", AuditVerification.Verify(Files).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_between_two_Breaks_the_chain()
    {
        await AppendAsync(count: 100, maxBytes: 4096);
        File.Delete(Files[1]);

        Assert.StartsWith($"{Files[1]}:1:", AuditVerification.Verify(Files).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(90)]
    public async Task A_line_torn_by_a_crash_Is_noted_at_the_next_start_and_not_taken_for_tampering(int cut)
    {
        await AppendAsync(count: 5);
        Cut(cut);
        Assert.Null(AuditVerification.Verify(Files).Fault);
        Assert.Equal(cut > 1, AuditVerification.Verify(Files).Notes.Any(note => note.Contains("torn", StringComparison.Ordinal)));

        await AppendAsync(count: 5);

        var verdict = AuditVerification.Verify(Files);
        Assert.Null(verdict.Fault);
        Assert.Equal(11, verdict.Lines);
        Assert.Contains(File.ReadAllLines(FilePath), line => line.Contains("\"event\":\"recovered\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_torn_line_that_nobody_noted_Is_told()
    {
        await AppendAsync(count: 5);
        var lines = File.ReadAllLines(FilePath);
        lines[2] = lines[2][..50];
        File.WriteAllText(FilePath, string.Join('\n', lines) + "\n");

        Assert.StartsWith($"{FilePath}:3:", AuditVerification.Verify(Files).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_line_that_is_whole_but_no_audit_line_Is_told()
    {
        await AppendAsync(count: 5);
        File.AppendAllText(FilePath, "not an audit line\n");

        Assert.StartsWith($"{FilePath}:6:", AuditVerification.Verify(Files).Fault, StringComparison.Ordinal);
    }

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
            await Hosting.Calling.UntilAsync(() => time.IsWaitedFor);
            var behind = audit.AppendAsync("{\"number\":2}"u8.ToArray());
            time.Advance(AuditFile.Patience - TimeSpan.FromSeconds(1));
            Assert.False(inHand.IsCompleted || behind.IsCompleted);

            time.Advance(TimeSpan.FromSeconds(1));

            Assert.False(await inHand);
            Assert.False(await behind);
            Assert.False(await audit.AppendAsync("{\"number\":3}"u8.ToArray()));
            time.Release();
            await Hosting.Calling.UntilAsync(() => audit.AppendAsync("{\"number\":4}"u8.ToArray()).GetAwaiter().GetResult());
        }

        Assert.Equal(["0", "1", "4"], Files.SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("number").GetRawText()));
        Assert.Equal(new(null, 3, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Fact]
    public async Task A_clock_that_is_set_back_Leaves_the_files_in_their_order()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 6, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };
        for (var start = 0; start < 3; start++)
        {
            await AppendAsync(count: 30, maxBytes: 4096, time);
            time.AdjustTime(time.GetUtcNow() - TimeSpan.FromHours(1));
        }

        Assert.True(Files.Length > 3);
        Assert.Equal(new(null, 90, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Fact]
    public async Task A_file_of_another_hand_beside_the_rolled_ones_Is_not_taken_for_one()
    {
        await AppendAsync(count: 5);
        File.Move(FilePath, Path.Combine(_directory.FullName, "audit.20260101T000000000Z.jsonl"));
        var foreign = Path.Combine(_directory.FullName, "audit.kept-by-XYZ.jsonl");
        File.WriteAllText(foreign, "notes\n");

        await AppendAsync(count: 5);

        Assert.Equal(new(null, 10, []), AuditVerification.Verify([.. Files.Where(file => file != foreign)]) with { Notes = [] });
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
        await Hosting.Calling.UntilAsync(() => time.IsWaitedFor);
        time.Advance(AuditFile.Patience);
        Assert.False(await inHand);

        folder.Delete(recursive: true);
        time.Release();
        await Hosting.Calling.UntilAsync(() => log.Lines.Count == 2);

        Assert.False(await audit.AppendAsync("{\"number\":2}"u8.ToArray()));
        Assert.Collection(
            log.Lines,
            line => Assert.Contains("has not answered", line, StringComparison.Ordinal),
            line => Assert.Contains("cannot be written", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Older_files_that_are_gone_Are_noted_and_the_rest_holds()
    {
        await AppendAsync(count: 100, maxBytes: 4096);
        File.Delete(Files[0]);

        var verdict = AuditVerification.Verify(Files);

        Assert.Null(verdict.Fault);
        Assert.Contains("begins before", Assert.Single(verdict.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_Cannot_write_one_file()
    {
        await using var first = new AuditFile(FilePath, 4096, TimeProvider.System, NullLogger.Instance);

        var fault = Assert.Throws<SettingsException>(() => new AuditFile(FilePath, 4096, TimeProvider.System, NullLogger.Instance));
        Assert.Contains("Audit:Path", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_Tell_by_their_exit_code()
    {
        await AppendAsync(count: 3);
        using var output = new StringWriter();
        Assert.Equal(0, Commands.VerifyAudit(Files, output, output));
        Assert.Contains("The chain holds: 3 lines in 1 files.", output.ToString(), StringComparison.Ordinal);

        File.WriteAllText(FilePath, File.ReadAllText(FilePath).Replace("\"number\":0", "\"number\":7", StringComparison.Ordinal));
        Assert.Equal(1, Commands.VerifyAudit(Files, output, output));
        Assert.Contains($"The chain is broken at {FilePath}:2:", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, Commands.VerifyAudit([$"{FilePath}-not-there"], output, output));
    }

    [Fact]
    public void Hash_key_Prints_the_hash_of_the_key_that_comes_in()
    {
        using var output = new StringWriter();

        Assert.Equal(0, Commands.HashKey(new StringReader("demo\n"), output, output));

        Assert.Equal(Hosting.GatewayHost.Sha256("demo"), output.ToString().Trim());
    }

    [Fact]
    public void Hash_key_without_input_Makes_a_key_of_256_bits_and_prints_both()
    {
        using var output = new StringWriter();

        Assert.Equal(0, Commands.HashKey(new StringReader(""), output, output));

        var made = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        var key = made[0]["X-Api-Key: ".Length..];
        Assert.Equal(43, key.Length);
        Assert.Equal($"ApiKeySha256: {Hosting.GatewayHost.Sha256(key)}", made[1]);
    }

    [Fact]
    public void Hash_key_Refuses_what_no_header_can_carry()
    {
        using var output = new StringWriter();

        Assert.Equal(2, Commands.HashKey(new StringReader("two words\n"), output, output));
        Assert.DoesNotContain("two words", output.ToString(), StringComparison.Ordinal);
    }

    private async Task AppendAsync(int count, long maxBytes = 1 << 20, TimeProvider? time = null)
    {
        await using var file = new AuditFile(FilePath, maxBytes, time ?? TimeProvider.System, NullLogger.Instance);
        var kept = await Task.WhenAll(Enumerable.Range(0, count).Select(number => file.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(new { number, text = new string('x', 50) }))));
        Assert.All(kept, Assert.True);
    }

    private void Cut(int bytes)
    {
        using var file = new FileStream(FilePath, FileMode.Open, FileAccess.Write);
        file.SetLength(file.Length - bytes);
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
