namespace WickrGateway.Benchmarks.Chaos;

/// <summary>The faults of the gateway's own host that a run can have, beside those of the simulator.</summary>
internal static class HostFaults
{
    /// <summary>The gateway is killed with SIGKILL and started again.</summary>
    public const string GatewayKill = "gateway-kill";

    /// <summary>Wickr's host name is resolved by a name server that does not respond for a part of the run.</summary>
    public const string NameServer = "name-server";

    /// <summary>Nothing reads the gateway's standard output for some seconds, so that its pipe is full.</summary>
    public const string StandardOutput = "stdout";

    /// <summary>The audit file is replaced while the gateway writes it.</summary>
    public const string AuditFile = "audit-file";

    public static IReadOnlyList<string> All { get; } = [GatewayKill, NameServer, StandardOutput, AuditFile];

    /// <param name="names">Separated by commas; null or <c>all</c> for all, empty or <c>none</c> for none.</param>
    /// <exception cref="BenchmarkException">A name is unknown.</exception>
    public static IReadOnlySet<string> Parse(string? names)
    {
        var faults = names switch
        {
            null or "all" => All,
            "none" => [],
            _ => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
        return faults.Except(All, StringComparer.Ordinal).FirstOrDefault() is { } unknown
            ? throw new BenchmarkException($"--faults: {unknown} is unknown; known faults: all, none, {string.Join(", ", All)}")
            : faults.ToHashSet(StringComparer.Ordinal);
    }
}
