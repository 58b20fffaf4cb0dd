using System.Text;
using BenchmarkDotNet.Attributes;
using WickrGateway.Benchmarks.Load;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>The strict reading of a body, good and bad.</summary>
[MemoryDiagnoser]
public class BodyBenchmarks
{
    private byte[] _body = [];
    private byte[] _faulty = [];

    [Params(1, 50)]
    public int Ids { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var body = SampleCall.Body(Ids);
        _body = Encoding.UTF8.GetBytes(body);
        _faulty = Encoding.UTF8.GetBytes(body.Replace("123", "12a", StringComparison.Ordinal));
    }

    [Benchmark]
    public bool Read() => HasFaults(_body) ? throw new InvalidOperationException("The valid body was refused.") : true;

    [Benchmark]
    public bool Refuse() => HasFaults(_faulty) ? true : throw new InvalidOperationException("The invalid body was accepted.");

    private static bool HasFaults(byte[] body)
    {
        var faults = new Faults();
        BodyReader.Read(body, faults);
        return faults.Any;
    }
}
