using System.Text;
using Microsoft.Extensions.Time.Testing;
using WickrGateway.Hosting;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>What happens to each line while its reader does not read.</summary>
public sealed class OutputWriterTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _reads = new(initialState: true);
    private readonly StringBuilder _written = new();
    private readonly OutputWriter _output;
    private int _failAfter = int.MaxValue;
    private bool _takesAtOnce;
    private int _writes;

    public OutputWriterTests() => _output = new OutputWriter(Write, TryWrite, Timeout, _time);

    private string Written
    {
        get
        {
            lock (_written)
                return _written.ToString();
        }
    }

    public void Dispose() => _reads.Set();

    [Fact]
    public async Task Reader_stops_Audit_lines_wait_for_the_timeout_and_the_next_not_at_all()
    {
        _reads.Reset();
        var first = _output.WriteAsync("first\n"u8, isWanted: false);
        var second = _output.WriteAsync("second\n"u8, isWanted: false);
        _time.Advance(Timeout - TimeSpan.FromSeconds(1));
        Assert.False(first.IsCompleted || second.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await first);
        Assert.False(await second);
        Assert.False(await _output.WriteAsync("refused\n"u8, isWanted: false));
        Assert.False(await _output.WriteAsync("completed\n"u8, isWanted: true));

        _reads.Set();
        await HttpClientExtensions.UntilAsync(async () => await _output.WriteAsync("back\n"u8, isWanted: false));
        // What was only to be allowed is not written after it was refused; what happened is.
        Assert.StartsWith("first\nsecond\ncompleted\nback\n", Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_stops_Log_lines_never_wait_and_what_does_not_fit_is_counted()
    {
        _reads.Reset();
        var line = Encoding.UTF8.GetBytes($"{new string('x', 1023)}\n");
        for (var lines = 0; lines < 3 * OutputWriter.MaxPendingForLog / line.Length; lines++)
            _output.WriteLog(line);

        Assert.InRange(_output.DroppedLogLines, 1024, 2048);
        var dropped = _output.DroppedLogLines;

        // The audit still finds room.
        var audit = _output.WriteAsync("audit\n"u8, isWanted: false);
        _reads.Set();
        Assert.True(await audit);
        Assert.Equal(3 * 1024 - dropped, Written.Count(character => character == '\n') - 1);
    }

    [Fact]
    public async Task Write_fails_in_a_line_What_was_taken_is_kept_and_the_next_line_begins_anew()
    {
        _failAfter = 9;
        Assert.True(await _output.WriteAsync("first\n"u8, isWanted: false));
        Assert.False(await _output.WriteAsync("second\n"u8, isWanted: false));
        _output.WriteLog("log\n"u8);
        _output.Flush(GatewayProcess.Timeout);
        Assert.Equal(1, _output.DroppedLogLines);

        _failAfter = int.MaxValue;
        Assert.True(await _output.WriteAsync("third\n"u8, isWanted: false));
        Assert.Equal("first\nsec\nthird\n", Written);
    }

    [Fact]
    public async Task Output_takes_lines_at_once_An_audit_line_is_written_by_its_caller_with_the_log_lines_before_it()
    {
        await UntilIdleAsync();
        _takesAtOnce = true;
        // The thread could not write them.
        _reads.Reset();
        _output.WriteLog("log 1\n"u8);
        _output.WriteLog("log 2\n"u8);
        Assert.True(_output.WriteAsync("audit\n"u8, isWanted: false) is { IsCompletedSuccessfully: true, Result: true });
        Assert.Equal("log 1\nlog 2\naudit\n", Written);
        Assert.Equal(1, _writes);
    }

    [Fact]
    public async Task Output_takes_lines_at_once_again_The_lines_that_waited_come_first()
    {
        _reads.Reset();
        var waiting = _output.WriteAsync("waiting\n"u8, isWanted: false);
        _takesAtOnce = true;
        var next = _output.WriteAsync("next\n"u8, isWanted: false);
        _reads.Set();
        Assert.True(await waiting && await next);
        Assert.Equal("waiting\nnext\n", Written);
    }

    [Fact]
    public async Task No_audit_line_comes_Log_lines_are_written_all_the_same()
    {
        await UntilIdleAsync();
        _output.WriteLog("log\n"u8);
        await HttpClientExtensions.UntilAsync(() => Task.FromResult(Written == "log\n"));
    }

    [Fact]
    public async Task Many_threads_write_Every_line_is_there_once_whole_and_in_the_order_of_its_thread()
    {
        const int Threads = 8;
        const int Lines = 2000;
        var threads = Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (var line = 0; line < Lines; line++)
            {
                // Sometimes the output takes nothing at once, and sometimes it does.
                _takesAtOnce = (line / 7) % 2 == 0;
                if (line % 3 == 0)
                    _output.WriteLog(Encoding.UTF8.GetBytes($"{thread} {line}\n"));
                else
                    Assert.True(await _output.WriteAsync(Encoding.UTF8.GetBytes($"{thread} {line}\n"), isWanted: true));
            }
        }));
        await Task.WhenAll(threads);
        _output.Flush(GatewayProcess.Timeout);

        var written = Written.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ').Select(int.Parse).ToArray()).ToLookup(line => line[0], line => line[1]);
        Assert.All(Enumerable.Range(0, Threads), thread => Assert.Equal(Enumerable.Range(0, Lines), written[thread]));
    }

    private async Task UntilIdleAsync()
    {
        Assert.True(await _output.WriteAsync("start\n"u8, isWanted: false));
        _output.Flush(GatewayProcess.Timeout);
        _written.Clear();
        _writes = 0;
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!_takesAtOnce)
            return false;

        Append(bytes);
        return true;
    }

    private int Write(ReadOnlySpan<byte> bytes)
    {
        _reads.Wait();
        lock (_written)
        {
            var count = Math.Min(bytes.Length, _failAfter - _written.Length);
            if (count == 0)
                throw new IOException("full");

            Append(bytes[..count]);
            return count;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_written)
            _written.Append(Encoding.UTF8.GetString(bytes));

        _writes++;
    }
}
