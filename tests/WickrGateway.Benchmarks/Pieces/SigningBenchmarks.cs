using System.Net;
using System.Net.Http.Headers;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Signing;
using BenchmarkDotNet.Attributes;

namespace WickrGateway.Benchmarks.Pieces;

/// <summary>AWS's signing handler over a request like the gateway's, with nobody behind it: what the signature alone costs.</summary>
[MemoryDiagnoser]
public class SigningBenchmarks
{
    [Benchmark(Baseline = true)]
    public async Task<HttpStatusCode> WithoutSignature() => await SendAsync(new Nobody());

    [Benchmark]
    public async Task<HttpStatusCode> WithSignature() => await SendAsync(new SigV4SigningHandler(
        new AWSSigV4Parameters
        {
            Credentials = new BasicAWSCredentials("AKIDBENCHMARK0000000", "benchmark-secret-access-key-that-opens-nothing"),
            Region = RegionEndpoint.USEast1,
            Service = "wickr",
            SignedAt = TimeProvider.System.GetUtcNow().UtcDateTime,
        },
        new Nobody()));

    private static async Task<HttpStatusCode> SendAsync(HttpMessageHandler handler)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "http://127.0.0.1/networks/12345678/users/toggleSuspend?suspend=true");
        request.Content = new ByteArrayContent("""{"userIds":["1234567","1234568","1234569","1234570","1234571"]}"""u8.ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("X-Client-Token", "benchmark:4711");
        using var client = new HttpMessageInvoker(handler, disposeHandler: false);
        using var response = await client.SendAsync(request, CancellationToken.None);
        return response.StatusCode;
    }

    private sealed class Nobody : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
    }
}
