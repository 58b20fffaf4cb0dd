namespace WickrGateway.Hosting;

/// <summary>
/// Lets the threads that wait for sockets go on with the request themselves. Handing each event over to the thread pool takes a tenth of the CPU
/// time of a call. In return nothing on the path of a request may block: it would hold up every socket of its thread.
/// </summary>
internal static class SocketThreads
{
    /// <summary>Read by .NET when the first socket is opened.</summary>
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Must come before the first socket. An operator's own value stays in force.</summary>
    public static void ContinueInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }

    /// <summary>The same for the steps between Kestrel's sockets and the application.</summary>
    public static void ContinueInline(this WebApplicationBuilder builder) => builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
}
