using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Signing;
using WickrGateway.Settings;

namespace WickrGateway.Wickr;

/// <summary>One attempt on the wire: built anew, signed anew, sent, and its answer read whole.</summary>
internal sealed class WickrTransport(GatewaySettings settings, WickrClock clock) : IDisposable
{
    /// <summary>In bytes. An answer for 50 users is far smaller; a longer one is not Wickr's.</summary>
    private const int MaxAnswerLength = 1024 * 1024;

    private const string SigningName = "wickr";

    private static readonly string UserAgent =
        $"WickrGateway/{typeof(WickrTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    private readonly string _base = settings.Wickr.Endpoint.AbsoluteUri.TrimEnd('/');
    private readonly RegionEndpoint _region = RegionEndpoint.GetBySystemName(settings.Wickr.Region);

    /// <summary>A list of switches so that what Wickr says arrives as it was said, and nothing goes out that was not put in.</summary>
    private readonly SocketsHttpHandler _sockets = new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        // Connections are given up from time to time so that a change of the host's addresses is noticed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        // Shorter than an attempt, so that a host which swallows packets is told from one that got the request and does not answer.
        ConnectTimeout = settings.Wickr.AttemptTimeout / 2,
        // In KiB.
        MaxResponseHeadersLength = 64,
    };

    private HttpMessageHandler Way => settings.Wickr.PropagateTraceContext ? new TraceContextHandler(_sockets) : _sockets;

    public async Task SendAsync(Attempt attempt, WickrCall call, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        attempt.SignedAt = clock.UtcNow;
        try
        {
            using var request = Build(call);
            using var signer = new HttpMessageInvoker(Signer(credentials, attempt.SignedAt), disposeHandler: false);
            using var response = await signer.SendAsync(request, cancellation);
            await ReadAsync(attempt, response, credentials, cancellation);
        }
        catch (HttpRequestException fault)
        {
            attempt.Verdict = fault.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError => Verdict.NotSent,
                HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => Verdict.Unrecognised,
                _ => Verdict.Broken,
            };
        }
        catch (IOException)
        {
            attempt.Verdict = Verdict.CutShort;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nobody else gives up here but the connect time-out, and then no connection had been there to send on.
            attempt.Verdict = Verdict.NotSent;
        }
    }

    public void Dispose() => _sockets.Dispose();

    private HttpRequestMessage Build(WickrCall forCall)
    {
        var call = forCall.Request;
        var body = new StringBuilder("{\"userIds\":[").AppendJoin(',', call.UserIds.Select(id => $"\"{id}\"")).Append("]}").ToString();
        var request = new HttpRequestMessage(HttpMethod.Patch, $"{_base}/networks/{call.NetworkId}/users/toggleSuspend?suspend={(call.Suspend ? "true" : "false")}")
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Encoding.ASCII.GetBytes(body)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation(WickrHeaders.ClientToken, call.ClientToken);
        // As AWS's own .NET clients do it: AWS's signer leaves these two out of the signature.
        request.Headers.TryAddWithoutValidation(WickrHeaders.InvocationId, forCall.InvocationId.ToString());
        request.Headers.TryAddWithoutValidation(WickrHeaders.AttemptNumber, $"attempt={forCall.Attempts.Count}; max={settings.Wickr.MaxAttempts}");
        return request;
    }

    /// <summary>AWS's own handler, made for the one attempt because its signing time is fixed at birth.</summary>
    private SigV4SigningHandler Signer(ImmutableCredentials credentials, DateTimeOffset signedAt) => new(
        new AWSSigV4Parameters
        {
            Credentials = credentials.UseToken
                ? new SessionAWSCredentials(credentials.AccessKey, credentials.SecretKey, credentials.Token)
                : new BasicAWSCredentials(credentials.AccessKey, credentials.SecretKey),
            Region = _region,
            Service = SigningName,
            SignedAt = signedAt.UtcDateTime,
        },
        Way);

    private async Task ReadAsync(Attempt attempt, HttpResponseMessage response, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        attempt.Date = response.Headers.Date;
        var body = await ReadBodyAsync(response.Content, cancellation);
        if (body is null || response.Content.Headers.ContentEncoding.Count > 0 || EndIsUnknowable(response))
        {
            attempt.Verdict = Verdict.Unrecognised;
            attempt.Answer = new WickrAnswer((int)response.StatusCode, null, Header(response, WickrHeaders.RequestId), []);
            return;
        }

        var answer = new WickrAnswer((int)response.StatusCode, Header(response, "Content-Type"), Header(response, WickrHeaders.RequestId), body);
        attempt.Answer = response.StatusCode == HttpStatusCode.OK ? answer : answer.WithError(Discretion.Tellable(Header(response, WickrHeaders.ErrorType), credentials), credentials);
        attempt.RetryAfter = RetryAfter(response);
        attempt.Verdict = Verdicts.Of(attempt.Answer);
    }

    /// <summary>
    /// HTTP/1.0 without a length: the answer ends where the connection does, and so does one that was cut. Two framings that differ, or one
    /// besides chunks (RFC 9112, section 6.3): what was read may be a part only.
    /// </summary>
    private static bool EndIsUnknowable(HttpResponseMessage response)
    {
        var lengths = response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var values) ? values.Distinct(StringComparer.Ordinal).Count() : 0;
        if (response.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var coding))
            return lengths > 0 || !"chunked".Equals(coding.ToString(), StringComparison.OrdinalIgnoreCase);

        return lengths > 1 || (lengths == 0 && response.Version < HttpVersion.Version11);
    }

    /// <summary>Null when the body is longer than any answer of Wickr's.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > MaxAnswerLength)
            return null;

        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var body = new byte[content.Headers.ContentLength ?? 4096];
        var length = 0;
        while (true)
        {
            if (length == body.Length)
            {
                if (length == content.Headers.ContentLength)
                    return body;

                Array.Resize(ref body, Math.Min(body.Length * 2, MaxAnswerLength + 1));
            }

            var read = await stream.ReadAsync(body.AsMemory(length), cancellation);
            if (read == 0)
                return body[..length];

            length += read;
            if (length > MaxAnswerLength)
                return null;
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (long.TryParse(Header(response, WickrHeaders.RetryAfter), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));

        var wait = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - clock.UtcNow;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;
}
