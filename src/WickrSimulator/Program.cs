using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using WickrSimulator;

if (args is [HealthProbe.Flag])
    return HealthProbe.Run();

try
{
    await using var app = SimulatorApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (SimulatorSettingsException faults)
{
    await Console.Error.WriteLineAsync(faults.Message);
    return 1;
}
catch (IOException busy) when (busy.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{busy.Message} Choose another with --urls.");
    return 1;
}
catch (SocketException unusable)
{
    await Console.Error.WriteLineAsync($"This machine cannot listen there: {unusable.Message}. Choose another address with --urls.");
    return 1;
}
