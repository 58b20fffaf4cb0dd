using System.Net;
using System.Net.Sockets;
using WickrGateway.Hosting;

namespace WickrGateway.Commands.Doctor;

/// <summary>The addresses that the gateway would listen on.</summary>
internal static class ListenCheck
{
    public static void AddTo(Examination examination, IConfiguration configuration, ManagementOptions management)
    {
        var isBehindProxy = bool.TryParse(configuration["forwardedHeaders_enabled"], out var trusts) && trusts;
        foreach (var url in ListenerSettings.FindAddresses(configuration))
            examination.Add("listen", url, stop => CheckAsync(BindingAddress.Parse(url), isBehindProxy, stop));

        // Without TLS by design: it has no secret, and a network policy keeps others away.
        if (management.Port is { } port)
            examination.Add("listen", $"Management:Port {port}", stop => CheckPortAsync(new BindingTarget([new IPEndPoint(IPAddress.IPv6Any, port), new IPEndPoint(IPAddress.Any, port)], IsHttps: false), "for probes and Prometheus", stop));
    }

    private static async Task<CheckResult> CheckAsync(BindingAddress address, bool isBehindProxy, CancellationToken stop)
    {
        if (address.IsUnixPipe || address.IsNamedPipe)
            return CheckResult.Pass("a socket of this host, not probed");

        var target = BindingTarget.Of(address);
        var reach = target.IsLoopback ? "this host alone can reach it" : "other hosts can reach it";
        var port = await CheckPortAsync(target, reach, stop);
        if (port.Status != CheckStatus.Pass || target.IsHttps || target.IsLoopback)
            return port;

        return isBehindProxy
            ? CheckResult.Pass($"{port.Message}, by http behind a proxy")
            : CheckResult.Warn(
                $"{port.Message}, by http: keys and tokens can be read on the way",
                "Have TLS end in front of it (ingress, load balancer, sidecar; FORWARDEDHEADERS_ENABLED says so here), or set Kestrel:Endpoints with a certificate");
    }

    private static async Task<CheckResult> CheckPortAsync(BindingTarget target, string reach, CancellationToken stop)
    {
        if (target.Port == 0)
            return CheckResult.Pass($"any free port, {reach}");

        if (target.FindObstacle() is not { } obstacle)
            return CheckResult.Pass($"free, {reach}");

        if (obstacle.SocketErrorCode == SocketError.AddressAlreadyInUse && await IsGatewayAsync(target, stop))
            return CheckResult.Pass($"a gateway listens there already, {reach}");

        return CheckResult.Fail($"cannot be listened on: {NetworkText.Describe(obstacle)}", obstacle.SocketErrorCode switch
        {
            SocketError.AccessDenied => "Ports below 1024 need a privilege: take a higher one",
            SocketError.AddressNotAvailable => "Use an address of this host, or * for all",
            _ => "Stop the program that uses the port (ss -ltnp), or take another port",
        });
    }

    /// <summary>Any certificate will do: it is only asked what is there.</summary>
    private static async Task<bool> IsGatewayAsync(BindingTarget target, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null } };
        using var client = new HttpClient(handler) { MaxResponseContentBufferSize = 1024, Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            return await client.GetStringAsync(target.LocalUrl("/healthz"), stop) == Health.AliveBody;
        }
        catch (Exception other) when (other is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Where a server would bind its sockets.</summary>
    /// <param name="EndPoints">Tried one after the other, as Kestrel does; where the first family is missing the next one counts.</param>
    private sealed record BindingTarget(IPEndPoint[] EndPoints, bool IsHttps)
    {
        public int Port => EndPoints[0].Port;

        public bool IsLoopback => EndPoints.All(endpoint => IPAddress.IsLoopback(endpoint.Address));

        /// <summary>For Kestrel a name other than localhost stands for all addresses.</summary>
        public static BindingTarget Of(BindingAddress address) => new(
            address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [new IPEndPoint(IPAddress.Loopback, address.Port)]
                : IPAddress.TryParse(address.Host.Trim('[', ']'), out var own) ? [new IPEndPoint(own, address.Port)]
                : [new IPEndPoint(IPAddress.IPv6Any, address.Port), new IPEndPoint(IPAddress.Any, address.Port)],
            address.Scheme == Uri.UriSchemeHttps);

        /// <summary>
        /// Why a socket cannot be bound; null when it can. The socket is closed at once and never listens: no client can connect to it, and a gateway that
        /// starts at that moment can bind the same address beside it.
        /// </summary>
        public SocketException? FindObstacle()
        {
            SocketException? obstacle = null;
            foreach (var endpoint in EndPoints)
            {
                try
                {
                    using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    if (endpoint.Address.Equals(IPAddress.IPv6Any))
                        socket.DualMode = true;

                    socket.Bind(endpoint);
                    return null;
                }
                catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported)
                {
                    obstacle = failure;
                }
                catch (SocketException failure)
                {
                    return failure;
                }
            }

            return obstacle;
        }

        public Uri LocalUrl(string path)
        {
            var address = EndPoints[0].Address;
            var host = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : address;
            return new UriBuilder(IsHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host.ToString(), Port, path).Uri;
        }
    }
}
