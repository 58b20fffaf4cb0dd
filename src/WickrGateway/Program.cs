using WickrGateway;
using WickrGateway.Commands;
using WickrGateway.Configuration;
using WickrGateway.Hosting;

if (args is [HealthProbe.Flag])
    return HealthProbe.Run();

if (CommandLine.Run(args) is { } exitCode)
    return exitCode;

try
{
    using var signals = Shutdown.EndAtOnceOnSecondSignal();
    await using var app = GatewayApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (SettingsException invalid)
{
    await Console.Error.WriteLineAsync(invalid.Message);
    return 1;
}
catch (IOException busy) when (busy.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{busy.Message} Choose another with --urls, ASPNETCORE_HTTP_PORTS or Metrics:Port.");
    return 1;
}
