using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Signing;
using BenchmarkDotNet.Attributes;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>The cost of the signature alone: AWS's signer and a request like the gateway's.</summary>
[MemoryDiagnoser]
public class SigningBenchmarks
{
    private static readonly AWSSigV4Parameters Parameters = new()
    {
        Credentials = new BasicAWSCredentials("AKIDBENCHMARK0000000", "benchmark-secret-access-key-that-opens-nothing"),
        Region = RegionEndpoint.USEast1,
        Service = "wickr",
        SignedAt = TimeProvider.System.GetUtcNow().UtcDateTime,
    };

    private readonly AWSSigningRequest _request = new()
    {
        HttpMethod = HttpMethod.Patch,
        RequestUri = new Uri("http://127.0.0.1/networks/12345678/users/toggleSuspend?suspend=true"),
        Content = """{"userIds":["1234567","1234568","1234569","1234570","1234571"]}"""u8.ToArray(),
        Headers = { ["Content-Type"] = "application/json", ["X-Client-Token"] = "benchmark:4711" },
    };

    [Benchmark]
    public AWSSigningResult Sign() => AWSSigV4Signer.Sign(_request, Parameters);
}
