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
catch (SimulatorSettingsException invalid)
{
    await Console.Error.WriteLineAsync(invalid.Message);
    return 1;
}
catch (IOException inUse) when (inUse.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{inUse.Message} Choose another address with --urls.");
    return 1;
}
catch (SocketException failure)
{
    await Console.Error.WriteLineAsync($"Cannot listen on the configured address: {failure.Message}. Choose another address with --urls.");
    return 1;
}
