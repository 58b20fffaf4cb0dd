using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using WickrGateway.Observability;

namespace WickrGateway.Commands.Doctor;

/// <summary>Whether what collects metrics, traces and logs over OTLP can be reached. Nothing is sent to it, so its headers, which can have a key, stay here.</summary>
internal static class CollectorCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static void AddTo(Examination examination, TelemetryOptions options, IConfiguration configuration)
    {
        var endpoints = options.Endpoints(configuration).Select(endpoint => endpoint.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (endpoints.Count == 0)
            examination.Add("collector", subject: null, _ => Task.FromResult(CheckResult.Pass("none is configured")));

        foreach (var endpoint in endpoints)
            examination.Add("collector", endpoint, stop => CheckAsync(new Uri(endpoint), stop));
    }

    private static async Task<CheckResult> CheckAsync(Uri endpoint, CancellationToken stop)
    {
        // The exporter, unlike the way to Wickr, uses the process's proxy.
        var proxy = HttpClient.DefaultProxy.GetProxy(endpoint);
        var target = proxy ?? endpoint;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(Timeout);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(target.Host, target.Port, timeout.Token);
            if (target.Scheme == Uri.UriSchemeHttps)
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = target.Host }, timeout.Token);
            }

            return CheckResult.Pass(proxy is null ? "accepts connections" : $"the proxy {proxy.Host}:{proxy.Port} accepts connections");
        }
        catch (AuthenticationException)
        {
            return Unreachable("its TLS certificate is not accepted", "Trust its authority with SSL_CERT_FILE or SSL_CERT_DIR");
        }
        catch (SocketException failure)
        {
            return Unreachable(NetworkText.Describe(failure), "Check its host and port (4317 for gRPC, 4318 for HTTP), DNS, routes and firewall");
        }
        catch (IOException)
        {
            return Unreachable("the connection broke during the TLS handshake", "Check whether it speaks TLS, or set an http endpoint");
        }
        catch (OperationCanceledException)
        {
            return Unreachable("it does not respond", "Check its host and port, routes and firewall");
        }
    }

    private static CheckResult Unreachable(string cause, string remedy) => CheckResult.Warn($"cannot be reached: {cause}. Calls succeed all the same, and what is to be sent there is lost", remedy);
}
