using Microsoft.AspNetCore.Connections;
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
catch (Exception exception) when (exception is SettingsException or IOException { InnerException: AddressInUseException })
{
    await Console.Error.WriteLineAsync(
        exception is SettingsException ? exception.Message : $"{exception.Message} Choose another with --urls, ASPNETCORE_HTTP_PORTS or Management:Port.");
    return CommandLine.Failed;
}
