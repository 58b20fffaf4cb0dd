using System.Net;
using System.Net.Sockets;
using DevHost;
using Microsoft.Extensions.Hosting;
using WickrGateway;
using WickrSimulator;

// Gateway and simulator in one process for development: on loopback only, with demo credentials only.
if (DevHostOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(DevHostOptions.Usage);
    return 1;
}

foreach (var (port, option) in new[] { (options.GatewayPort, DevHostOptions.GatewayOption), (options.SimulatorPort, DevHostOptions.SimulatorOption) })
{
    if (!IsFree(port))
    {
        await Console.Error.WriteLineAsync($"Port {port} is in use; choose another with {option} N.");
        return 1;
    }
}

// The gateway must sign with the simulator's credentials, not with those of the developer's shell.
foreach (var variable in new[] { "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" })
    Environment.SetEnvironmentVariable(variable, null);

Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", SimulatorDefaults.AccessKeyId);
Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SimulatorDefaults.SecretAccessKey);

await using var simulator = SimulatorApp.Create([$"--urls={options.SimulatorUrl}"]);
await simulator.StartAsync();

await using var gateway = GatewayApp.Create([.. Demo.GatewaySettings(options), .. options.GatewaySettings]);
await gateway.StartAsync();

await Console.Out.WriteLineAsync(Demo.Welcome(options));
await gateway.WaitForShutdownAsync();
await simulator.StopAsync();
return 0;

static bool IsFree(int port)
{
    try
    {
        using var probe = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        probe.Start();
        return true;
    }
    catch (SocketException)
    {
        return false;
    }
}
