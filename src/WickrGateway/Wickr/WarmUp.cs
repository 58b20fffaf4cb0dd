using System.Text;
using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using WickrGateway.SuspendStatus;

namespace WickrGateway.Wickr;

/// <summary>
/// One call to a Wickr that answers from memory, made beside the rest of the start: AWS's signer, the HTTP client and the reading of JSON are
/// loaded and compiled by then, and the first caller does not wait for it. Nothing leaves the process.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How it ended; anything but <see cref="AttemptStatus.Accepted"/> would mean that a part was left out.</summary>
    public static Task<AttemptStatus> BeginAsync() => Task.Run(CallAsync);

    private static async Task<AttemptStatus> CallAsync()
    {
        try
        {
            var attempt = new Attempt { Status = AttemptStatus.TimedOut };
            var body = BodyReader.Read("""{"suspend":true,"userIds":["0"]}"""u8, new Faults());
            var request = new SuspendStatusRequest("00000000", body.Suspend, body.UserIds, Guid.NewGuid().ToString());
            using var transport = new WickrTransport(Options(), new WickrClock(TimeProvider.System, NullLogger<WickrClock>.Instance), (_, _) => ValueTask.FromResult<Stream>(new Connection()));
            await transport.SendAsync(attempt, new WickrCallState(request, Limit, isShortened: false, TimeProvider.System), new ImmutableCredentials("rehearsal", "rehearsal", token: null), CancellationToken.None);
            return attempt.Status;
        }
        catch (Exception)
        {
            // What fails here fails a call as well, and is told there; a start does not end over a rehearsal.
            return AttemptStatus.UnexpectedResponse;
        }
    }

    private static WickrOptions Options() => new(
        "us-east-1",
        new Uri("http://rehearsal.invalid"),
        MaxAttempts: 1,
        AttemptTimeout: Limit,
        TotalTimeout: Limit,
        MaxConcurrency: 1,
        QueueLimit: 0,
        new CircuitBreakerOptions(Enabled: false, FailureRatio: 1, MinimumThroughput: 2, SamplingDuration: Limit, BreakDuration: Limit));

    /// <summary>Takes what is sent, and has one answer to read.</summary>
    private sealed class Connection() : MemoryStream(Answer, writable: false)
    {
        private const string Body = """{"message":"","successful":[{"userId":"0"}],"failed":[]}""";

        private static readonly byte[] Answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        public override bool CanWrite => true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
