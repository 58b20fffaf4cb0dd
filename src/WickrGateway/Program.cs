using System.Text.Json;
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
    return await FailAsync(invalid.Message);
}
catch (InvalidDataException unreadable)
{
    // The message names the settings file; the exceptions within it can quote what is in there.
    var line = unreadable.GetBaseException() is JsonException { LineNumber: { } number } ? $" It is not valid JSON at line {number + 1}." : "";
    return await FailAsync($"WickrGateway cannot start: {unreadable.Message}{line}");
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
