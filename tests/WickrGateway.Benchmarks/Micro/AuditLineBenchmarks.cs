using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using WickrGateway.Audit;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Callers;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>The two audit lines of a successful call.</summary>
[MemoryDiagnoser]
public class AuditLineBenchmarks
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly RequestOrigin _origin = new(
        new Caller("benchmark", FrozenSet.Create(Caller.EveryNetwork), [CallerActions.Suspend]),
        new Credential(SampleCall.ApiKeySha256[..8], null, null),
        "12345678",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        IPAddress.Loopback);

    private RequestedChange _change = null!;
    private CompletedRequest _completed = null!;

    [Params(1, 5, 50)]
    public int Ids { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        List<string> users = [.. Enumerable.Range(1234567, Ids).Select(id => $"{id}")];
        var result = $$"""{"message":"success","successful":[{{string.Join(',', users.Select(id => $"{{\"userId\":\"{id}\"}}"))}}],"failed":[]}""";
        _change = new RequestedChange("suspend", users, "benchmark:4711", Reason: null);
        _completed = new CompletedRequest(
            OperationKind.Change,
            _origin,
            _change,
            Problem: null,
            new WickrResult(AttemptStatus.Accepted, null, new WickrResponse(200, "application/json", "request-1", Encoding.UTF8.GetBytes(result)), ChangeOutcome.Applied, 1, null),
            IsDisconnected: false,
            TimeSpan.FromMilliseconds(1.234));
    }

    [Benchmark]
    public int Requested()
    {
        _buffer.ResetWrittenCount();
        AuditRecord.WriteRequested(_buffer, Time, _origin, _change);
        return _buffer.WrittenCount;
    }

    [Benchmark]
    public int Completed()
    {
        _buffer.ResetWrittenCount();
        AuditRecord.WriteCompleted(_buffer, Time, _completed);
        return _buffer.WrittenCount;
    }
}
