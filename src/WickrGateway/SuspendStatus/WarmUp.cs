using System.Collections.Frozen;
using System.Text;
using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>
/// One call to a stand-in for Wickr that responds from memory, made while the rest of the gateway starts: AWS's signer, the HTTP client and
/// the JSON reader are loaded and compiled by then, and the first caller does not wait for it. Nothing leaves the process.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How the call ended; anything but <see cref="AttemptStatus.Accepted"/> means that a part was not warmed up.</summary>
    public static Task<AttemptStatus> BeginAsync() => Task.Run(CallAsync);

    private static async Task<AttemptStatus> CallAsync()
    {
        try
        {
            var body = BodyReader.Read("""{"suspend":true,"userIds":["0"]}"""u8, RequestShape.Single, new ValidationErrors());
            var request = BatchToggleUserSuspendStatus.CreateRequest(new ValidatedRequest("00000000", body.Suspend, body.UserIds, callerToken: null, timeLimit: null, reason: null));
            using var transport = new WickrTransport(new WickrLocation("us-east-1", new Uri("http://warm-up.invalid")), Options(), new WickrClock(TimeProvider.System, NullLogger<WickrClock>.Instance), (_, _) => ValueTask.FromResult<Stream>(new Connection()));
            var result = await transport.SendAsync(request, new AttemptId(Guid.NewGuid(), Attempt: 1), new ImmutableCredentials("warm-up", "warm-up", token: null), CancellationToken.None);
            return result.Status;
        }
        catch (Exception)
        {
            // What fails here also fails a call, and is reported there; it must not end the start.
            return AttemptStatus.UnexpectedResponse;
        }
    }

    private static WickrOptions Options() => new(
        Default: null,
        FrozenDictionary<string, NetworkSettings>.Empty,
        new RoleSessionOptions(Limit, Attribution.None, StsEndpoint: null),
        Proxy: null,
        MaxAttempts: 1,
        AttemptTimeout: Limit,
        TotalTimeout: Limit,
        MaxConcurrency: 1,
        QueueLimit: 0,
        new CircuitBreakerOptions(Enabled: false, FailureRatio: 1, MinimumThroughput: 2, SamplingDuration: Limit, BreakDuration: Limit));

    /// <summary>Discards what is sent, and has one response to read.</summary>
    private sealed class Connection() : MemoryStream(Response, writable: false)
    {
        private const string Body = """{"message":"","successful":[{"userId":"0"}],"failed":[]}""";

        private static readonly byte[] Response = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
