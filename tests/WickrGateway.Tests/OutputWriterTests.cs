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

    public OutputWriterTests() => _output = new OutputWriter(Write, Timeout, _time);

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

    private int Write(ReadOnlySpan<byte> bytes)
    {
        _reads.Wait();
        lock (_written)
        {
            var count = Math.Min(bytes.Length, _failAfter - _written.Length);
            if (count == 0)
                throw new IOException("full");

            _written.Append(Encoding.UTF8.GetString(bytes[..count]));
            return count;
        }
    }
}
