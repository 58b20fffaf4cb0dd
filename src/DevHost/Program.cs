using System.Net;
using System.Net.Sockets;
using DevHost;
using Microsoft.Extensions.Hosting;
using WickrGateway;
using WickrGateway.Configuration;
using WickrGateway.Hosting;
using WickrSimulator;

// Gateway and simulator in one process for development: on loopback only, with demo credentials only.
if (DevHostOptions.IsHelp(args))
{
    await Console.Out.WriteLineAsync(DevHostOptions.Usage);
    return 0;
}

try
{
    var options = DevHostOptions.Parse(args);
    foreach (var (port, option) in new[] { (options.GatewayPort, DevHostOptions.GatewayOption), (options.SimulatorPort, DevHostOptions.SimulatorOption) })
    {
        if (!IsFree(port))
            return await FailAsync($"Port {port} is in use; choose another with {option} N.");
    }

    await RunAsync(options);
    return 0;
}
catch (DevHostUsageException misused)
{
    return await FailAsync($"{misused.Message}{Environment.NewLine}{Environment.NewLine}{DevHostOptions.Usage}");
}
catch (Exception invalid) when (invalid is SettingsException or SimulatorSettingsException)
{
    return await FailAsync(invalid.Message);
}
catch (Exception failure) when (ListenerSettings.IsListenFailure(failure))
{
    return await FailAsync($"DevHost {ListenerSettings.DescribeListenFailure(failure)}");
}

static async Task RunAsync(DevHostOptions options)
{
    await using var simulator = SimulatorApp.Create([$"--urls={options.SimulatorUrl}", .. options.NamesNetworks ? [] : Demo.DefaultNetworks, .. options.SimulatorSettings]);
    var simulatorOptions = SimulatorOptions.Read(simulator.Configuration);
    UseCredentials(simulatorOptions);
    var demo = new Demo(options, simulatorOptions);
    if (!Console.IsOutputRedirected)
        StandardOutput.Rewrite = new ReadableLog().Rewrite;

    await using var gateway = GatewayApp.Create(demo.GatewaySettings(), Demo.ApiKey);
    await simulator.StartAsync();
    await gateway.StartAsync();

    await Console.Out.WriteLineAsync(demo.Welcome());
    await gateway.WaitForShutdownAsync();
    await simulator.StopAsync();
}

// The gateway must sign with the simulator's credentials, not with those of the developer's shell.
static void UseCredentials(SimulatorOptions simulator)
{
    foreach (var variable in new[] { "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" })
        Environment.SetEnvironmentVariable(variable, null);

    var credential = simulator.Credentials.Values.MinBy(credential => credential.AccessKeyId, StringComparer.Ordinal)!;
    Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", credential.AccessKeyId);
    Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", credential.SecretAccessKey);
    Environment.SetEnvironmentVariable("AWS_SESSION_TOKEN", credential.SessionToken);
}

static async Task<int> FailAsync(string message)
{
    await Console.Error.WriteLineAsync(message);
    return 1;
}

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
