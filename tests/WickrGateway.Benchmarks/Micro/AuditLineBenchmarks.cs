using System.Buffers;
using System.Collections.Frozen;
using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using WickrGateway.Audit;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Callers;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>The two audit lines of a successful call: before it is sent to Wickr, and with Wickr's result for each user.</summary>
[MemoryDiagnoser]
public class AuditLineBenchmarks
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly DefaultHttpContext _context = new() { TraceIdentifier = "0HN7:00000001", Connection = { RemoteIpAddress = IPAddress.Loopback } };
    private Call _call = null!;

    [Params(1, 5, 50)]
    public int Ids { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        List<string> users = [.. Enumerable.Range(1234567, Ids).Select(id => $"{id}")];
        var body = $$"""{"message":"All users were suspended.","successful":[{{string.Join(',', users.Select(id => $"{{\"userId\":\"{id}\"}}"))}}],"failed":[]}""";
        _call = new Call
        {
            Caller = new Caller("benchmark", FrozenSet.Create(Caller.EveryNetwork), MaySuspend: true, MayUnsuspend: false),
            Credential = new Credential(SampleCall.ApiKeySha256[..8], null, null),
            NetworkId = "12345678",
            Read = new ValidatedRequest(new SuspendStatusRequest("12345678", true, users, "benchmark:4711"), null, null),
            Result = new WickrCallResult(null, new WickrResponse(200, "application/json", "request-1", Encoding.UTF8.GetBytes(body)), ChangeOutcome.Applied, 1, null),
        };
    }

    [Benchmark]
    public int Requested()
    {
        _buffer.ResetWrittenCount();
        AuditRecord.WriteRequested(_buffer, Time, _context, _call);
        return _buffer.WrittenCount;
    }

    [Benchmark]
    public int Completed()
    {
        _buffer.ResetWrittenCount();
        AuditRecord.WriteCompleted(_buffer, Time, _context, _call, StatusCodes.Status200OK, null, TimeSpan.FromMilliseconds(1.234));
        return _buffer.WrittenCount;
    }
}
