using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using StackExchange.Redis;
using WickrGateway.Configuration;
using WickrGateway.Hosting;

namespace WickrGateway.Limits;

/// <summary>Where the limits are counted for all replicas together. Not a record: its text would have the password.</summary>
internal sealed class LimitStoreOptions
{
    private const string RedisKey = "Limits:Redis";
    private const string DefaultPrefix = "wickr-gateway";
    private const int MaxPrefixLength = 64;

    private readonly string? _connection;

    private LimitStoreOptions(string? connection, string keyPrefix) => (_connection, KeyPrefix) = (connection, keyPrefix);

    /// <summary>With <c>Limits:Redis</c>; without it each replica counts by itself.</summary>
    public bool IsShared => _connection is not null;

    /// <summary>What all keys in Redis begin with; 1 to 64 letters, digits, dots, hyphens and underscores, <c>wickr-gateway</c> by default. Replicas with the same prefix count together.</summary>
    public string KeyPrefix { get; }

    /// <summary>For messages: hosts and ports, without user and password.</summary>
    public string Endpoints => string.Join(", ", CreateRedisOptions().EndPoints.Select(Describe));

    /// <summary>Reads and checks the section. Errors are added to <paramref name="settings"/>.</summary>
    public static LimitStoreOptions Read(SettingsReader settings)
    {
        var connection = settings.GetString(RedisKey);
        // The parser's own messages would repeat parts of a password that has a comma.
        if (connection is not null && !IsConnection(connection))
            settings.AddError(RedisKey, "must be a StackExchange.Redis configuration string, hosts before options, such as redis.example.com:6380,ssl=true,user=gateway,password=…");

        var prefix = settings.GetString("Limits:KeyPrefix") ?? DefaultPrefix;
        if (!IsPrefix(prefix))
            settings.AddError("Limits:KeyPrefix", $"must be 1 to {MaxPrefixLength} letters, digits, dots, hyphens and underscores");

        return new LimitStoreOptions(connection, prefix);
    }

    /// <summary>The string's options, with what the gateway needs. Only for <see cref="IsShared"/>.</summary>
    public ConfigurationOptions CreateRedisOptions()
    {
        var options = ConfigurationOptions.Parse(_connection!);
        options.Protocol ??= RedisProtocol.Resp3;
        options.AbortOnConnectFail = false;
        // Without a connection each replica counts by itself at once: nothing waits for the next connection.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        options.IncludeDetailInExceptions = false;
        if (options.Ssl)
            options.SslClientAuthenticationOptions = host => new SslClientAuthenticationOptions { TargetHost = host, EnabledSslProtocols = options.SslProtocols ?? SslProtocols.None, CertificateChainPolicy = CertificateRules.Create() };

        // Neither a channel nor a key besides our own is used, so that a user needs no rights for them.
        options.ConfigurationChannel = "";
        options.TieBreaker = "";
        return options;
    }

    private static bool IsConnection(string text)
    {
        try
        {
            var endpoints = ConfigurationOptions.Parse(text).EndPoints;
            return endpoints.Count > 0 && endpoints.All(IsHost) && IsOrdered(text);
        }
        catch (Exception invalid) when (invalid is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>The parser takes a URL with a password for a host, and logs name hosts.</summary>
    private static bool IsHost(EndPoint endpoint) =>
        endpoint is not DnsEndPoint name || name.Host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');

    /// <summary>Whether hosts come before options. The parser takes what follows a comma in a password for a host.</summary>
    private static bool IsOrdered(string text) => text.Split(',').SkipWhile(part => !part.Contains('=')).All(part => part.Contains('=') || string.IsNullOrWhiteSpace(part));

    private static string Describe(EndPoint endpoint) => endpoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{endpoint}";

    private static bool IsPrefix(string text) => text.Length <= MaxPrefixLength && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');
}
