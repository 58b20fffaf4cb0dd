using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using WickrGateway.Wickr;

namespace WickrGateway.Commands.Doctor;

/// <summary>The way to one place of Wickr: host name, connection, TLS with a response, and the clock by its <c>Date</c>.</summary>
internal sealed class PlaceChecks
{
    /// <summary>Tokens are checked with one minute of tolerance. AWS allows five for signatures.</summary>
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(1);

    /// <summary>As the gateway: a difference beyond is not corrected.</summary>
    private static readonly TimeSpan MaxCorrection = TimeSpan.FromHours(24);

    private readonly WickrLocation _location;
    private readonly WickrOptions _options;
    private readonly WickrConnector _connector;
    private SslPolicyErrors _certificateErrors;
    private X509ChainStatusFlags _chainErrors;
    private string? _tls;
    private TimeSpan? _clockDifference;

    private PlaceChecks(WickrLocation location, WickrOptions options, WickrConnector connector) => (_location, _options, _connector) = (location, options, connector);

    /// <returns>What a request to the place depends on.</returns>
    public static Check AddTo(Examination examination, WickrLocation location, WickrOptions options, WickrConnector connector)
    {
        var place = new PlaceChecks(location, options, connector);
        var subject = $"{location.Region} {Authority(location.Endpoint)}";
        var name = examination.Add("host-name", subject, _ => place.CheckHostNameAsync());
        var connection = examination.Add("connection", subject, place.CheckConnectionAsync, name);
        var tls = examination.Add("tls", subject, place.CheckTlsAsync, connection);
        examination.Add("clock", subject, _ => Task.FromResult(place.CheckClock()), tls);
        return tls;
    }

    /// <summary>A proxy looks the host up itself.</summary>
    private Uri Target => _options.Proxy ?? _location.Endpoint;

    private static string Authority(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private string TargetName => _options.Proxy is null ? Target.Host : $"the proxy {Target.Host}";

    private async Task<CheckResult> CheckHostNameAsync()
    {
        if (IPAddress.TryParse(Target.Host.Trim('[', ']'), out _))
            return Known($"{TargetName} is an address");

        try
        {
            // On a thread of its own, because a name server that does not respond blocks it.
            var addresses = await Task.Factory.StartNew(() => Dns.GetHostAddresses(Target.IdnHost), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return Known($"{TargetName} has {string.Join(", ", addresses.Take(4).Select(address => address.ToString()))}");
        }
        catch (SocketException failure)
        {
            return CheckResult.Fail(
                $"{TargetName}: {NetworkText.Describe(failure)}",
                _options.Proxy is null
                    ? $"Check Wickr:Region (AWS has Wickr in some regions only){(WickrEndpoint.IsKnownRegion(_location.Region) ? "" : $", {_location.Region} is not in AWS's list")}, Wickr:Endpoint, and this host's name server"
                    : "Check Wickr:Proxy and this host's name server");
        }
    }

    private CheckResult Known(string message) => WickrEndpoint.IsKnownRegion(_location.Region)
        ? CheckResult.Pass(message)
        : CheckResult.Warn($"{message}; AWS's list of regions has no {_location.Region}", "Correct Wickr:Region if it is misspelt. If it is newer than this program, or a simulator's, ignore this");

    private async Task<CheckResult> CheckConnectionAsync(CancellationToken stop)
    {
        var timeout = WickrConnector.ConnectTimeout(_options);
        try
        {
            using var connecting = CancellationTokenSource.CreateLinkedTokenSource(stop);
            connecting.CancelAfter(timeout);
            await using var stream = await _connector.ConnectAsync(new DnsEndPoint(Target.IdnHost.Trim('[', ']'), Target.Port), connecting.Token);
            return CheckResult.Pass($"{TargetName} accepts connections on port {Target.Port}");
        }
        catch (SocketException failure)
        {
            return CheckResult.Fail($"{TargetName}, port {Target.Port}: {NetworkText.Describe(failure)}", ConnectionRemedy);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return CheckResult.Fail($"{TargetName}, port {Target.Port}: no connection within {timeout}, half of Wickr:AttemptTimeout", ConnectionRemedy);
        }
    }

    private string ConnectionRemedy => _options.Proxy is null
        ? "Check routes, firewall, security groups and network policies from here to Wickr's host, Wickr:Endpoint, and whether a proxy is needed (Wickr:Proxy)"
        : "Check Wickr:Proxy, and routes and firewall from here to the proxy";

    /// <summary>One request without a signature, over the gateway's own connections. Any response will do: Wickr refuses it.</summary>
    private async Task<CheckResult> CheckTlsAsync(CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(_options.AttemptTimeout);
        using var client = new HttpMessageInvoker(CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_location.BaseUrl}/") { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            using var response = await client.SendAsync(request, timeout.Token);
            if (response.Headers.Date is { } date)
                _clockDifference = DateTimeOffset.UtcNow - date;

            return DescribeTls();
        }
        catch (HttpRequestException failure)
        {
            return DescribeFailure(failure);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return CheckResult.Fail(
                _tls is null && _location.Endpoint.Scheme == Uri.UriSchemeHttps ? $"no TLS session within {WickrConnector.ConnectTimeout(_options)}, half of Wickr:AttemptTimeout" : $"no response within Wickr:AttemptTimeout ({_options.AttemptTimeout})",
                "Look for a firewall or proxy that accepts the connection and passes nothing on, and raise Wickr:AttemptTimeout if it is short");
        }
    }

    private SocketsHttpHandler CreateHandler()
    {
        var handler = UpstreamHandler.Create(_options, _connector.ConnectAsync);
        // The same decision as without it, but the reason is kept.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, chain, errors) =>
        {
            _certificateErrors = errors;
            _chainErrors = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
            return errors == SslPolicyErrors.None;
        };
        handler.PlaintextStreamFilter = (context, _) =>
        {
            if (context.PlaintextStream is SslStream session)
                _tls = $"{session.SslProtocol}, certificate valid until {session.RemoteCertificate?.GetExpirationDateString()}";

            return ValueTask.FromResult(context.PlaintextStream);
        };
        return handler;
    }

    private CheckResult DescribeTls()
    {
        if (_tls is not null)
            return CheckResult.Pass(_tls);

        return _location.Endpoint.IsLoopback
            ? CheckResult.Pass("http, on this host")
            : CheckResult.Warn("http, and not on this host: anyone on the way can read requests and session keys and change results", "Use https, except for a simulator");
    }

    private CheckResult DescribeFailure(HttpRequestException failure) => failure.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError when _certificateErrors != SslPolicyErrors.None => CheckResult.Fail(
            $"the certificate of {_location.Endpoint.Host} is not accepted: {_certificateErrors}{(_chainErrors == X509ChainStatusFlags.NoError ? "" : $" ({_chainErrors})")}",
            "Trust a private authority, as of a TLS-inspecting proxy, with SSL_CERT_FILE or SSL_CERT_DIR; check the host in Wickr:Endpoint, and this host's clock"),
        HttpRequestError.SecureConnectionError => CheckResult.Fail("the TLS handshake failed", "Check whether Wickr:Endpoint speaks TLS there, and look for a proxy or firewall that breaks connections"),
        HttpRequestError.ProxyTunnelError => CheckResult.Fail(
            $"the proxy refuses the tunnel{(failure.StatusCode is { } status ? string.Create(CultureInfo.InvariantCulture, $" with status {(int)status}") : "")}",
            "Check user and password in Wickr:Proxy, and whether the proxy lets this host through"),
        HttpRequestError.InvalidResponse => CheckResult.Fail("what responds is no HTTP server", "Check Wickr:Endpoint and any proxy in between"),
        _ => CheckResult.Fail($"no response: {failure.HttpRequestError}", "Look for a proxy or firewall that closes connections, and check Wickr:Endpoint"),
    };

    private CheckResult CheckClock()
    {
        if (_clockDifference is not { } difference)
            return CheckResult.Warn("the response has no Date to compare with", "Check by other means that this host's clock is right");

        var text = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(difference.TotalSeconds):0} s {(difference < TimeSpan.Zero ? "behind" : "ahead of")} Wickr's");
        if (difference.Duration() <= MaxClockDifference)
            return CheckResult.Pass(difference.Duration() < TimeSpan.FromSeconds(2) ? "as Wickr's" : text);

        return difference.Duration() <= MaxCorrection
            ? CheckResult.Warn($"{text}; signatures are corrected, but tokens of callers and AssumeRole are not, and the audit has the wrong time", "Correct this host's clock")
            : CheckResult.Fail($"{text}, which is too far to be corrected", "Correct this host's clock, and look for a proxy that sends another Date");
    }
}
