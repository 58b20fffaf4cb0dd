using System.Diagnostics.CodeAnalysis;
using WickrGateway.Tests.Hosting;

/// <summary>Run by .NET before the program of a process that names this assembly in <c>DOTNET_STARTUP_HOOKS</c>; name and namespace are prescribed.</summary>
[SuppressMessage("Design", "MA0047:Declare types in namespaces", Justification = "Prescribed by .NET.")]
internal static class StartupHook
{
    public static void Initialize() => SocketThreadWatch.Begin();
}
