using WickrGateway;
using WickrGateway.Commands;
using WickrGateway.Configuration;
using WickrGateway.Hosting;

if (CommandLine.Run(args) is { } exitCode)
    return exitCode;

if (OpenFileLimit.FindShortage(OpenFileLimit.Read()) is { } shortage)
{
    await Console.Error.WriteLineAsync(shortage);
    return CommandLine.Failed;
}

try
{
    using var signals = Shutdown.ExitOnSecondSignal();
    await using var app = GatewayApp.Create(args);
    await app.RunAsync();
    return CommandLine.Success;
}
catch (SettingsException invalid)
{
    await Console.Error.WriteLineAsync(invalid.Message);
    return CommandLine.Failed;
}
catch (Exception failure) when (ListenerSettings.IsListenFailure(failure))
{
    await Console.Error.WriteLineAsync($"{failure.Message.Split('\n')[0].Trim()} Check urls (--urls, ASPNETCORE_HTTP_PORTS), Kestrel:* and Management:Port.");
    return CommandLine.Failed;
}
