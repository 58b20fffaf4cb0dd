using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Signing;

namespace WickrGateway.Wickr;

/// <summary>One attempt on the wire: built anew, signed anew by AWS's own signer, sent, and its answer read whole.</summary>
internal sealed class WickrTransport : IDisposable
{
    /// <summary>In bytes. An answer for 50 users is far smaller; a longer one is not Wickr's.</summary>
    private const int MaxAnswerLength = 1024 * 1024;

    private const string SigningName = "wickr";
    private const string ContentType = "Content-Type";
    private const string JsonType = "application/json";

    private static readonly string UserAgent =
        $"WickrGateway/{typeof(WickrTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    private readonly WickrOptions _options;
    private readonly WickrClock _clock;
    private readonly string _base;
    private readonly RegionEndpoint _region;
    private readonly HttpMessageInvoker _wire;

    public WickrTransport(WickrOptions options, WickrClock clock, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        _options = options;
        _clock = clock;
        _base = _options.Endpoint.AbsoluteUri.TrimEnd('/');
        _region = RegionEndpoint.GetBySystemName(_options.Region);
        var sockets = Sockets(_options);
        sockets.ConnectCallback = connect;
        _wire = new HttpMessageInvoker(_options.PropagateTraceContext ? new TraceContextHandler(sockets) : sockets);
    }

    public async Task SendAsync(Attempt attempt, WickrCallState call, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        attempt.SignedAt = _clock.UtcNow;
        try
        {
            using var request = Build(call, credentials, attempt.SignedAt);
            using var response = await _wire.SendAsync(request, cancellation);
            await ReadAsync(attempt, response, credentials, cancellation);
        }
        catch (HttpRequestException fault)
        {
            attempt.Status = fault.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError => AttemptStatus.ConnectFailed,
                HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => AttemptStatus.UnexpectedResponse,
                _ => AttemptStatus.ConnectionReset,
            };
        }
        catch (IOException)
        {
            attempt.Status = AttemptStatus.ResponseTruncated;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nobody else gives up here but the connect time-out, and then no connection had been there to send on.
            attempt.Status = AttemptStatus.ConnectFailed;
        }
    }

    public void Dispose() => _wire.Dispose();

    /// <summary>A list of switches so that what Wickr says arrives as it was said, and nothing goes out that was not put in.</summary>
    private static SocketsHttpHandler Sockets(WickrOptions options) => new()
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
        ConnectTimeout = options.AttemptTimeout / 2,
        // In KiB.
        MaxResponseHeadersLength = 64,
    };

    private HttpRequestMessage Build(WickrCallState call, ImmutableCredentials credentials, DateTimeOffset signedAt)
    {
        var asked = call.Request;
        var body = Encoding.ASCII.GetBytes($"{{\"userIds\":[\"{string.Join("\",\"", asked.UserIds)}\"]}}");
        var signed = new AWSSigningRequest
        {
            HttpMethod = HttpMethod.Patch,
            RequestUri = new Uri($"{_base}/networks/{asked.NetworkId}/users/toggleSuspend?suspend={(asked.Suspend ? "true" : "false")}"),
            Content = body,
            Headers = { [ContentType] = JsonType, [WickrHeaders.ClientToken] = asked.ClientToken },
        };
        var request = new HttpRequestMessage(signed.HttpMethod, signed.RequestUri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation(ContentType, JsonType);
        request.Headers.TryAddWithoutValidation(WickrHeaders.ClientToken, asked.ClientToken);
        foreach (var (name, value) in AWSSigV4Signer.Sign(signed, Signing(credentials, signedAt)).Headers)
            request.Headers.TryAddWithoutValidation(name, value);

        // AWS's signer leaves these out of the signature, whoever asks it to sign them.
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation(WickrHeaders.InvocationId, call.InvocationId.ToString());
        request.Headers.TryAddWithoutValidation(WickrHeaders.AttemptNumber, $"attempt={call.Attempts.Count}; max={_options.MaxAttempts}");
        return request;
    }

    private AWSSigV4Parameters Signing(ImmutableCredentials credentials, DateTimeOffset signedAt) => new()
    {
        Credentials = credentials.UseToken
            ? new SessionAWSCredentials(credentials.AccessKey, credentials.SecretKey, credentials.Token)
            : new BasicAWSCredentials(credentials.AccessKey, credentials.SecretKey),
        Region = _region,
        Service = SigningName,
        SignedAt = signedAt.UtcDateTime,
    };

    private async Task ReadAsync(Attempt attempt, HttpResponseMessage response, ImmutableCredentials credentials, CancellationToken cancellation)
    {
        attempt.Date = response.Headers.Date;
        var body = IsReadable(response) ? await ReadBodyAsync(response.Content, cancellation) : null;
        if (body is null)
        {
            attempt.Status = AttemptStatus.UnexpectedResponse;
            attempt.Answer = new WickrResponse((int)response.StatusCode, null, Header(response, WickrHeaders.RequestId), []);
            return;
        }

        var answer = new WickrResponse((int)response.StatusCode, Header(response, ContentType), Header(response, WickrHeaders.RequestId), body);
        attempt.Answer = response.StatusCode == HttpStatusCode.OK ? answer : answer.WithError(SecretRedactor.Redact(Header(response, WickrHeaders.ErrorType), credentials), credentials);
        attempt.RetryAfter = RetryAfter(response);
        attempt.Status = ResponseClassifier.Classify(attempt.Answer);
    }

    /// <summary>
    /// Whether the answer is of a form that Wickr's have, with an end that can be known. What is not is left unread: another protocol never
    /// ends, and behind two framings, a length that is none, or chunks besides something else (RFC 9112, section 6.3) there may be a part only.
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
        if ((Wait(Header(response, WickrHeaders.RetryAfter), unit: TimeSpan.FromMilliseconds(1)) ?? Wait(Header(response, "Retry-After"), unit: TimeSpan.FromSeconds(1))) is { } asked)
            return asked;

        var wait = response.Headers.RetryAfter?.Date - _clock.UtcNow;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>However many digits: a wait that no number here can hold must not pass for none.</summary>
    private static TimeSpan? Wait(string? digits, TimeSpan unit)
    {
        if (digits is not { Length: > 0 } || !digits.All(char.IsAsciiDigit))
            return null;

        return unit * (digits.TrimStart('0').Length <= 9 ? int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) : int.MaxValue);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;
}
