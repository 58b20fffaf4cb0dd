using System.Diagnostics.CodeAnalysis;
using Amazon;
using Amazon.Runtime;

namespace WickrGateway.Wickr;

/// <summary>
/// The connections of AWS's own clients, opened like those to Wickr. Left to itself the SDK takes a proxy from <c>HTTPS_PROXY</c>. Lives as
/// long as the process, because the SDK keeps it.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The SDK keeps it in a static property.")]
internal sealed class AwsHttpClient(WickrOptions options, WickrConnector connector) : HttpClientFactory
{
    /// <summary>For one request of the SDK's own clients.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(UpstreamHandler.Create(options, connector.ConnectAsync)) { Timeout = Timeout };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    /// <summary>For the clients that the SDK makes by itself to resolve credentials: its settings for them are the process's.</summary>
    public void UseForCredentials()
    {
        AWSConfigs.HttpClientFactory = this;
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("AWS_REGION")) && options.Default is { } network)
            AWSConfigs.AWSRegion = network.Location.Region;
    }
}
