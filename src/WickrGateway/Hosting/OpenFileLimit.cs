using System.Globalization;

namespace WickrGateway.Hosting;

/// <summary>
/// How many files and sockets the process may open (<c>ulimit -n</c>), and what that leaves for connections. Without descriptors
/// Kestrel's accept loop spins on a processor and logs nothing, so there must always be some left.
/// </summary>
internal static partial class OpenFileLimit
{
    /// <summary>Below this the gateway cannot start: .NET does not find the assemblies for which it has no descriptor left.</summary>
    private const int Min = 512;

    /// <summary>.NET keeps a descriptor for each of some 250 assemblies. The rest is for pipes, files and listeners.</summary>
    private const int Own = 350;

    /// <summary>Why the gateway cannot start with this limit; null when it can.</summary>
    public static string? FindShortage(int? openFiles) => openFiles < Min
        ? $"The process may open only {openFiles} files and sockets; it needs {Min}, and one for each connection. Raise the limit (ulimit -n, LimitNOFILE, --ulimit nofile)."
        : null;

    /// <summary>Null where it is not known or there is none. .NET has raised the soft limit to the hard one at its start.</summary>
    public static int? Read()
    {
        const string Name = "Max open files";
        try
        {
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
            var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The limits, lowered where there are too few descriptors: a call has one connection to its caller and one to Wickr.</summary>
    /// <param name="outgoing">Connections to Wickr at once.</param>
    /// <param name="openFiles">At least <see cref="Min"/>; null for no limit.</param>
    public static ConnectionLimits Fit(ConnectionLimits limits, int outgoing, int? openFiles, ILogger logger)
    {
        const int Reserved = Own + ManagementServer.MaxConnections;
        var needed = Reserved + limits.MaxConnections + outgoing;
        if (openFiles is not { } available || available >= needed)
            return limits;

        var fitting = limits with { MaxConnections = Math.Min(limits.MaxConnections, (available - Reserved) / 2) };
        Log.TooFew(logger, available, needed, fitting.MaxConnections);
        return fitting;
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "The process may open only {OpenFiles} files and sockets, but Limits:MaxConnections and Wickr:MaxConcurrency need {Needed}. The gateway accepts only {MaxConnections} connections at once. Raise the limit (ulimit -n, LimitNOFILE, --ulimit nofile) or lower these settings")]
        public static partial void TooFew(ILogger logger, int openFiles, int needed, int maxConnections);
    }
}
