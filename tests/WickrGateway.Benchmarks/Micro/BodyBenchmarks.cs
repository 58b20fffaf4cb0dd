using System.Text;
using BenchmarkDotNet.Attributes;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>The strict reading of a body, good and bad.</summary>
[MemoryDiagnoser]
public class BodyBenchmarks
{
    private byte[] _body = [];
    private byte[] _invalid = [];

    [Params(1, 50)]
    public int Ids { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var body = SampleCall.Body(Ids);
        _body = Encoding.UTF8.GetBytes(body);
        _invalid = Encoding.UTF8.GetBytes(body.Replace("123", "12a", StringComparison.Ordinal));
    }

    [Benchmark]
    public bool Read() => HasErrors(_body) ? throw new InvalidOperationException("The valid body was refused.") : true;

    [Benchmark]
    public bool Refuse() => HasErrors(_invalid) ? true : throw new InvalidOperationException("The invalid body was accepted.");

    private static bool HasErrors(byte[] body)
    {
        var errors = new ValidationErrors();
        BodyReader.Read(body, RequestShape.Single, errors);
        return errors.Any;
    }
}
