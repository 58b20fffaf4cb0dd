using System.Collections.Frozen;
using System.Text;
using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>
/// One call to a stand-in for Wickr that responds from memory, made while the rest of the gateway starts: AWS's signer, the HTTP client, the
/// retries and the JSON reader are loaded and compiled by then, and the first caller does not wait for it. Nothing leaves the process.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Whether the call succeeded; else a part was not warmed up.</summary>
    public static Task<bool> BeginAsync() => Task.Run(CallAsync);

    private static async Task<bool> CallAsync()
    {
        try
        {
            var body = BodyReader.Read("""{"suspend":true,"userIds":["0"]}"""u8, RequestShape.Single, new ValidationErrors());
            var request = BatchToggleUserSuspendStatus.CreateRequest(new ValidatedRequest("00000000", body.Suspend, body.UserIds, callerToken: null, timeLimit: null, reason: null));
            var (options, time) = (Options(), TimeProvider.System);
            var location = new WickrLocation("us-east-1", new Uri("http://warm-up.invalid"));
            var clock = new WickrClock(time, NullLogger<WickrClock>.Instance);
            using var transport = new WickrTransport(location, options, clock, (_, _) => ValueTask.FromResult<Stream>(new Connection()));
            using var pipeline = new WickrPipeline(location.Region, options, new RetryBudget(), time, static () => 0, static _ => false, NullLogger<WickrPipeline>.Instance);
            var destination = new WickrDestination(new WickrRoute(location, clock, transport, pipeline), CallerName: "warm-up", Session: null);
            var credentials = new ImmutableCredentials("warm-up", "warm-up", token: null);
            var result = await pipeline.ExecuteAsync(
                new WickrCallState(request, destination, Limit, isShortened: false, time),
                (call, cancellation) => transport.SendAsync(call.Request, new AttemptId(call.InvocationId, Attempt: 1), credentials, cancellation));
            return result.IsSuccess;
        }
        catch (Exception)
        {
            // What fails here also fails a call, and is reported there; it must not end the start.
            return false;
        }
    }

    private static WickrOptions Options() => new(
        Default: null,
        FrozenDictionary<string, NetworkSettings>.Empty,
        new RoleSessionOptions(Limit, Attribution.None, StsEndpoint: null),
        Proxy: null,
        MaxAttempts: 2,
        AttemptTimeout: Limit,
        TotalTimeout: Limit,
        MaxConcurrency: 1,
        QueueLimit: 0,
        new CircuitBreakerOptions(Enabled: true, FailureRatio: 1, MinimumThroughput: 2, SamplingDuration: Limit, BreakDuration: Limit));

    /// <summary>Discards what is sent, and has one response to read.</summary>
    private sealed class Connection() : MemoryStream(Response, writable: false)
    {
        private const string Body = """{"message":"","successful":[{"userId":"0"}],"failed":[]}""";

        private static readonly byte[] Response = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
