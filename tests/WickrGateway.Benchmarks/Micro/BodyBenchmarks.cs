using System.Text;
using BenchmarkDotNet.Attributes;
using WickrGateway.Benchmarks.Load;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>Reading and validating a request body, valid and invalid.</summary>
[MemoryDiagnoser]
public class BodyBenchmarks
{
    private byte[] _body = [];
    private byte[] _invalidBody = [];

    [Params(1, 50)]
    public int Ids { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var body = SampleCall.Body(Ids);
        _body = Encoding.UTF8.GetBytes(body);
        _invalidBody = Encoding.UTF8.GetBytes(body.Replace("123", "12a", StringComparison.Ordinal));
    }

    [Benchmark]
    public bool ReadValid() => HasErrors(_body) ? throw new InvalidOperationException("The valid body was refused.") : true;

    [Benchmark]
    public bool ReadInvalid() => HasErrors(_invalidBody) ? true : throw new InvalidOperationException("The invalid body was accepted.");

    private static bool HasErrors(byte[] body)
    {
        var errors = new Faults();
        BodyReader.Read(body, errors);
        return errors.Any;
    }
}
