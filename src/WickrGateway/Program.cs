using WickrGateway;
using WickrGateway.Commands;
using WickrGateway.Hosting;

if (await CommandLine.RunAsync(args) is { } exitCode)
    return exitCode;

if (OpenFileLimit.FindShortage(OpenFileLimit.Read()) is { } shortage)
{
    await Console.Error.WriteLineAsync(shortage);
    return CommandLine.Failed;
}

SocketThreads.ContinueInline();
try
{
    using var signals = Shutdown.ExitOnSecondSignal();
    await using var app = GatewayApp.Create(args);
    await app.RunAsync();
    return CommandLine.Success;
}
catch (Exception failure) when (StartFailure.Describe(failure) is { } faults)
{
    return await FailAsync(faults);
}
catch (Exception failure) when (ListenerSettings.IsListenFailure(failure))
{
    return await FailAsync($"WickrGateway {ListenerSettings.DescribeListenFailure(failure)}");
}

static async Task<int> FailAsync(string message)
{
    await Console.Error.WriteLineAsync(message);
    return CommandLine.Failed;
}
