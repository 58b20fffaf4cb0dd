using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Audit;
using WickrGateway.Commands;
using WickrGateway.Configuration;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Policy;

/// <summary>The chain over the audit file stays valid across rolls, restarts and crashes, and every change of a line is detected.</summary>
public sealed class AuditChainTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chain");

    private string FilePath => Path.Combine(_directory.FullName, "audit.jsonl");

    /// <summary>As a shell expands <c>audit.*jsonl</c>.</summary>
    private string[] Files => [.. _directory.EnumerateFiles("audit*.jsonl").Select(file => file.FullName).Order(StringComparer.Ordinal)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Rolls_restarts_and_concurrent_callers_Keep_the_chain_valid()
    {
        for (var start = 0; start < 3; start++)
            await AppendAsync(count: 100, maxBytes: 4096);

        Assert.True(Files.Length > 3);
        Assert.All(Files, file => Assert.True(new FileInfo(file).Length <= 4096));
        var result = AuditVerification.Verify(Files);
        Assert.Null(result.Error);
        Assert.Equal(300, result.Lines);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public async Task Restart_right_after_a_roll_Continues_the_chain()
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
    public async Task Lines_were_tampered_with_Reports_the_first_that_does_not_follow(string tampering)
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
        Assert.StartsWith($"{FilePath}:{place}:", AuditVerification.Verify(Files).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_between_two_is_missing_Breaks_the_chain()
    {
        await AppendAsync(count: 100, maxBytes: 4096);
        File.Delete(Files[1]);

        Assert.StartsWith($"{Files[1]}:1:", AuditVerification.Verify(Files).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(int.MaxValue)]
    public async Task Crash_truncates_a_line_Next_start_records_it_and_verification_passes(int length)
    {
        var last = await CrashAsync(count: 5);
        var next = Encoding.UTF8.GetString(AuditChain.Link(SHA256.HashData(Encoding.UTF8.GetBytes(last)), """{"number":5,"text":"under way"}"""u8));
        File.AppendAllText(FilePath, next[..Math.Min(length, next.Length)]);
        Assert.Null(AuditVerification.Verify(Files).Error);

        await AppendAsync(count: 5);

        var result = AuditVerification.Verify(Files);
        Assert.Null(result.Error);
        Assert.Equal(12, result.Lines);
        Assert.Contains(File.ReadAllLines(FilePath), line => line.Contains("\"event\":\"recovered\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Crash_between_the_line_and_the_lock_file_Next_start_continues_and_says_so()
    {
        var last = await CrashAsync(count: 5);
        var next = AuditChain.Link(SHA256.HashData(Encoding.UTF8.GetBytes(last)), """{"number":5}"""u8);
        File.AppendAllText(FilePath, $"{Encoding.UTF8.GetString(next)}\n");

        using (var file = AuditFileHandle.Start(FilePath, TimeProvider.System))
            Assert.Equal(new AuditFileStart { UnrememberedLines = 1 }, file.Found);

        await AppendAsync(count: 5);
        Assert.Equal(new(null, 11, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Fact]
    public async Task A_truncated_line_was_not_recorded_Verification_fails()
    {
        await AppendAsync(count: 5);
        var lines = File.ReadAllLines(FilePath);
        lines[2] = lines[2][..50];
        File.WriteAllText(FilePath, string.Join('\n', lines) + "\n");

        Assert.StartsWith($"{FilePath}:3:", AuditVerification.Verify(Files).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_line_is_not_an_audit_line_Verification_fails()
    {
        await AppendAsync(count: 5);
        File.AppendAllText(FilePath, "not an audit line\n");

        Assert.StartsWith($"{FilePath}:6:", AuditVerification.Verify(Files).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clock_is_set_back_File_names_keep_their_order()
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
    public async Task A_foreign_file_beside_the_rolled_ones_Is_ignored()
    {
        await AppendAsync(count: 5);
        File.Move(FilePath, Path.Combine(_directory.FullName, "audit.20260101T000000000Z.jsonl"));
        var foreign = Path.Combine(_directory.FullName, "audit.kept-by-XYZ.jsonl");
        File.WriteAllText(foreign, "notes\n");

        await AppendAsync(count: 5);

        Assert.Equal(new(null, 10, []), AuditVerification.Verify([.. Files.Where(file => file != foreign)]) with { Notes = [] });
    }

    [Fact]
    public async Task The_beginning_is_missing_Verification_fails_unless_it_is_continued()
    {
        await AppendAsync(count: 100, maxBytes: 4096);
        File.Delete(Files[0]);
        using var output = new StringWriter();

        Assert.Contains(":1: the beginning is missing", AuditVerification.Verify(Files).Error, StringComparison.Ordinal);
        Assert.Equal(1, VerifyAuditCommand.Run(Files, output, output));
        Assert.Equal(0, VerifyAuditCommand.Run(["--continued", .. Files], output, output));
        Assert.Contains("note: ", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_half_of_the_file_is_cut_off_Verification_fails()
    {
        await AppendAsync(count: 10);
        File.WriteAllLines(FilePath, File.ReadAllLines(FilePath)[5..]);
        using var output = new StringWriter();

        Assert.Equal(1, VerifyAuditCommand.Run(Files, output, output));
    }

    [Fact]
    public async Task A_file_cannot_be_read_Verification_exits_with_2()
    {
        await AppendAsync(count: 3);
        using var output = new StringWriter();

        Assert.Equal(2, VerifyAuditCommand.Run([FilePath, _directory.FullName], output, output));
        Assert.Equal(2, VerifyAuditCommand.Run([FilePath, $"{FilePath}-not-there"], output, output));
        Assert.Equal(2, VerifyAuditCommand.Run(["--continued"], output, output));
    }

    [Theory]
    [InlineData("last line cut", "sed -i '$d' audit.jsonl")]
    [InlineData("last line changed", "sed -i '$s/number/numbed/' audit.jsonl")]
    [InlineData("middle line removed", "sed -i 3d audit.jsonl")]
    [InlineData("emptied", ": > audit.jsonl")]
    [InlineData("removed", "rm audit.jsonl")]
    [InlineData("line added", "echo '{}' >> audit.jsonl")]
    [InlineData("chained line added", "printf '{\"prev\":\"%s\",\"number\":9}\\n' $(tail -n 1 audit.jsonl | tr -d '\\n' | sha256sum | cut -c -64) >> audit.jsonl")]
    public async Task Edited_while_stopped_Next_start_notices_and_goes_on_in_a_new_file(string edit, string command)
    {
        await AppendAsync(count: 5);
        var remembered = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllLines(FilePath)[^1])));
        Shell.Run(_directory, command);
        var found = File.Exists(FilePath) ? File.ReadAllText(FilePath) : null;
        var (log, changes) = (new RecordingLogger(), 0);

        await using (var file = new AuditFile(FilePath, 1 << 20, TimeProvider.System, log, () => changes++))
            Assert.True(await file.AppendAsync("""{"number":5}"""u8.ToArray()));

        Assert.Equal(1, changes);
        Assert.Contains(log.Lines, line => line.Contains("was replaced, cut or changed", StringComparison.Ordinal));
        var lines = File.ReadAllLines(FilePath);
        Assert.Equal(2, lines.Length);
        Assert.Contains("\"event\":\"resumed\"", lines[0], StringComparison.Ordinal);
        Assert.Contains(remembered, lines[0], StringComparison.Ordinal);
        // What was found is beside it, as it was found.
        Assert.Equal(found, Files.Length == 1 ? null : File.ReadAllText(Files[0]));
        Assert.True(AuditVerification.Verify(Files).Error is not null, edit);
        Assert.Null(AuditVerification.Verify([FilePath], isContinued: true).Error);
    }

    [Fact]
    public async Task A_gigabyte_of_zeros_without_a_line_feed_Is_set_aside_without_being_read()
    {
        await AppendAsync(count: 3);
        using (var file = new FileStream(FilePath, FileMode.Open, FileAccess.Write))
            file.SetLength(1L << 30);

        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var file = AuditFileHandle.Start(FilePath, TimeProvider.System))
            Assert.True(file.Found.IsChanged);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L << 20);
        Assert.Equal(1L << 30, new FileInfo(Files[0]).Length);
        Assert.StartsWith($"{Files[0]}:4:", AuditVerification.Verify(Files).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_a_version_without_memory_Is_continued_with_a_warning()
    {
        await AppendAsync(count: 5);
        File.WriteAllText($"{FilePath}.lock", "");

        using (var file = AuditFileHandle.Start(FilePath, TimeProvider.System))
            Assert.Equal(new AuditFileStart { IsUnremembered = true }, file.Found);

        await AppendAsync(count: 5);
        Assert.Equal(new(null, 10, []), AuditVerification.Verify(Files) with { Notes = [] });
    }

    [Fact]
    public async Task Second_process_opens_the_same_file_Fails()
    {
        await using var first = new AuditFile(FilePath, 4096, TimeProvider.System, NullLogger.Instance, onChanged: () => { });

        var error = Assert.Throws<SettingsException>(() => new AuditFile(FilePath, 4096, TimeProvider.System, NullLogger.Instance, onChanged: () => { }));
        Assert.Contains("Audit:Path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_audit_Returns_its_result_as_the_exit_code()
    {
        await AppendAsync(count: 3);
        using var output = new StringWriter();
        Assert.Equal(0, VerifyAuditCommand.Run(Files, output, output));
        Assert.Contains("The chain is intact: 3 lines in 1 files.", output.ToString(), StringComparison.Ordinal);

        File.WriteAllText(FilePath, File.ReadAllText(FilePath).Replace("\"number\":0", "\"number\":7", StringComparison.Ordinal));
        Assert.Equal(1, VerifyAuditCommand.Run(Files, output, output));
        Assert.Contains($"The chain is broken at {FilePath}:2:", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, VerifyAuditCommand.Run([$"{FilePath}-not-there"], output, output));
    }

    private async Task AppendAsync(int count, long maxBytes = 1 << 20, TimeProvider? time = null)
    {
        await using var file = new AuditFile(FilePath, maxBytes, time ?? TimeProvider.System, NullLogger.Instance, onChanged: () => { });
        var kept = await Task.WhenAll(Enumerable.Range(0, count).Select(number => file.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(new { number, text = new string('x', 50) }))));
        Assert.All(kept, Assert.True);
    }

    /// <summary>Leaves the files as a killed process does: the lock file does not say that the file was closed. Returns the last line.</summary>
    private async Task<string> CrashAsync(int count)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_directory.FullName, "copy"));
        await using (var file = new AuditFile(FilePath, 1 << 20, TimeProvider.System, NullLogger.Instance, onChanged: () => { }))
        {
            for (var number = 0; number < count; number++)
                Assert.True(await file.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(new { number })));

            Shell.Run(_directory, "cp audit.jsonl audit.jsonl.lock copy/");
        }

        Shell.Run(_directory, "mv copy/* .");
        copy.Delete();
        return File.ReadAllLines(FilePath)[^1];
    }
}
