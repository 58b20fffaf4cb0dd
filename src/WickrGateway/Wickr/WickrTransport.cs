using System.Globalization;
using System.Net;
using System.Reflection;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Signing;

namespace WickrGateway.Wickr;

/// <summary>Identifies an attempt to Wickr, as AWS's clients do.</summary>
/// <param name="Invocation">The same for all attempts of a call.</param>
/// <param name="Attempt">From 1.</param>
internal sealed record AttemptId(Guid Invocation, int Attempt);

/// <summary>One attempt on the wire: built and signed anew by AWS's own signer, sent, and its response read to the end.</summary>
internal sealed class WickrTransport : IDisposable
{
    /// <summary>In bytes. A response for 50 users is far smaller; a longer one is not Wickr's.</summary>
    private const int MaxResponseLength = 1024 * 1024;

    private const string SigningName = "wickr";
    private const string ContentType = "Content-Type";
    private const string JsonType = "application/json";

    private static readonly string UserAgent =
        $"WickrGateway/{typeof(WickrTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    private readonly WickrOptions _options;
    private readonly WickrClock _clock;
    private readonly string _baseUrl;
    private readonly RegionEndpoint _region;
    private readonly HttpMessageInvoker _client;

    public WickrTransport(WickrLocation location, WickrOptions options, WickrClock clock, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect)
    {
        _options = options;
        _clock = clock;
        _baseUrl = location.BaseUrl;
        _region = RegionEndpoint.GetBySystemName(location.Region);
        var sockets = UpstreamHandler.Create(options, connect);
        _client = new HttpMessageInvoker(_options.PropagateTraceContext ? new TraceContextHandler(sockets) : sockets);
    }

    /// <summary>Sends the request once. It throws nothing: every end is a status, a time-out too.</summary>
    public async Task<AttemptResult> SendAsync(WickrRequest request, AttemptId id, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        var signedAt = _clock.UtcNow;
        var body = new RequestBody(request.Body);
        try
        {
            using var message = Build(request, body, id, credentials, signedAt);
            using var response = await _client.SendAsync(message, cancellation);
            return await ReadAsync(response, credentials, signedAt, cancellation);
        }
        catch (HttpRequestException failure)
        {
            return new AttemptResult(failure.HttpRequestError switch
            {
                _ when !body.WasSent => AttemptStatus.ConnectFailed,
                HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => AttemptStatus.UnexpectedResponse,
                // Also when it could not connect: then an idle connection took the request before, and broke.
                _ => AttemptStatus.ConnectionReset,
            });
        }
        catch (IOException)
        {
            return new AttemptResult(AttemptStatus.ResponseTruncated);
        }
        catch (OperationCanceledException)
        {
            // Without a cancellation it is the connect time-out.
            return new AttemptResult(body.WasSent ? AttemptStatus.TimedOut : AttemptStatus.ConnectFailed) { WasCancelled = cancellation.IsCancellationRequested };
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Build(WickrRequest request, RequestBody body, AttemptId id, ImmutableCredentials credentials, DateTimeOffset signedAt)
    {
        var signing = new AWSSigningRequest
        {
            HttpMethod = request.Operation.Method,
            RequestUri = new Uri($"{_baseUrl}{request.PathAndQuery}"),
            Content = request.Body,
        };
        var message = new HttpRequestMessage(signing.HttpMethod, signing.RequestUri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        if (request.ClientToken is { } token)
        {
            signing.Headers[ContentType] = JsonType;
            signing.Headers[WickrHeaders.ClientToken] = token;
            message.Content.Headers.TryAddWithoutValidation(ContentType, JsonType);
            message.Headers.TryAddWithoutValidation(WickrHeaders.ClientToken, token);
        }

        foreach (var (name, value) in AWSSigV4Signer.Sign(signing, Parameters(credentials, signedAt)).Headers)
            message.Headers.TryAddWithoutValidation(name, value);

        // AWS's signer never signs these, even when it is given them.
        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        message.Headers.TryAddWithoutValidation(WickrHeaders.InvocationId, id.Invocation.ToString());
        message.Headers.TryAddWithoutValidation(WickrHeaders.AttemptNumber, $"attempt={id.Attempt}; max={_options.MaxAttempts}");
        return message;
    }

    private AWSSigV4Parameters Parameters(ImmutableCredentials credentials, DateTimeOffset signedAt) => new()
    {
        Credentials = credentials.UseToken
            ? new SessionAWSCredentials(credentials.AccessKey, credentials.SecretKey, credentials.Token)
            : new BasicAWSCredentials(credentials.AccessKey, credentials.SecretKey),
        Region = _region,
        Service = SigningName,
        SignedAt = signedAt.UtcDateTime,
    };

    private async Task<AttemptResult> ReadAsync(HttpResponseMessage message, ImmutableCredentials credentials, DateTimeOffset signedAt, CancellationToken cancellation)
    {
        var date = message.Headers.Date;
        var status = (int)message.StatusCode;
        var requestId = Header(message, WickrHeaders.RequestId);
        if (!IsReadable(message) || await ReadBodyAsync(message.Content, cancellation) is not { } body)
            return new AttemptResult(AttemptStatus.UnexpectedResponse) { SignedAt = signedAt, Date = date, Response = new WickrResponse(status, null, requestId, []) };

        var response = new WickrResponse(status, Header(message, ContentType), requestId, body);
        if (message.StatusCode != HttpStatusCode.OK)
            response = response.WithError(SecretRedactor.Redact(Header(message, WickrHeaders.ErrorType), credentials), credentials);

        return new AttemptResult(ResponseClassifier.Classify(response)) { SignedAt = signedAt, Date = date, Response = response, RetryAfter = RetryAfter(message) };
    }

    /// <summary>
    /// Whether the response has a form that Wickr's have, and an end that can be recognized. Others are left unread: another protocol never
    /// ends, and with two framings, an invalid length or a second transfer coding (RFC 9112, section 6.3) the body may be only a part.
    /// </summary>
    private static bool IsReadable(HttpResponseMessage response)
    {
        var content = response.Content.Headers;
        if (response.Version < HttpVersion.Version11 || response.StatusCode == HttpStatusCode.SwitchingProtocols || content.NonValidated.Contains("Content-Encoding"))
            return false;

        var hasLength = content.NonValidated.TryGetValues("Content-Length", out var lengths);
        if (response.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var coding))
            return !hasLength && "chunked".Equals(coding.ToString(), StringComparison.OrdinalIgnoreCase);

        return !hasLength || (content.ContentLength is >= 0 && (lengths.Count == 1 || lengths.Distinct(StringComparer.Ordinal).Count() == 1));
    }

    /// <summary>Null when the body is longer than any response of Wickr's.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > MaxResponseLength)
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

                Array.Resize(ref body, Math.Min(body.Length * 2, MaxResponseLength + 1));
            }

            var read = await stream.ReadAsync(body.AsMemory(length), cancellation);
            if (read == 0)
                return body[..length];

            length += read;
            if (length > MaxResponseLength)
                return null;
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if ((ParseWait(Header(response, WickrHeaders.RetryAfter), unit: TimeSpan.FromMilliseconds(1)) ?? ParseWait(Header(response, "Retry-After"), unit: TimeSpan.FromSeconds(1))) is { } requested)
            return requested;

        var wait = response.Headers.RetryAfter?.Date - _clock.UtcNow;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>With any number of digits: a wait too long for a number must not count as none.</summary>
    private static TimeSpan? ParseWait(string? digits, TimeSpan unit)
    {
        if (digits is not { Length: > 0 } || !digits.All(char.IsAsciiDigit))
            return null;

        return unit * (digits.TrimStart('0').Length <= 9 ? int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) : int.MaxValue);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    /// <summary>
    /// Knows whether any part of its request may have been sent: the HTTP client sends the headers together with the first bytes of the body,
    /// and it asks for these only when it has a connection, TLS handshake included.
    /// </summary>
    private sealed class RequestBody(byte[] bytes) : HttpContent
    {
        private volatile bool _wasSent;

        public bool WasSent => _wasSent;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _wasSent = true;
            return stream.WriteAsync(bytes, cancellationToken).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
