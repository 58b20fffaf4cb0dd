using WickrGateway;
using WickrGateway.Observability;
using WickrGateway.Settings;

if (args is [HealthProbe.Flag])
    return HealthProbe.Run();

if (Commands.Run(args) is { } exitCode)
    return exitCode;

try
{
    using var signals = Shutdown.EndAtOnceOnSecondSignal();
    await using var app = GatewayApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (SettingsException faults)
{
    await Console.Error.WriteLineAsync(faults.Message);
    return 1;
}
catch (IOException busy) when (busy.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{busy.Message} Choose another with --urls, ASPNETCORE_HTTP_PORTS or Metrics:Port.");
    return 1;
}
