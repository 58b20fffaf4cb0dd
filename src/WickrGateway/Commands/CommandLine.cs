namespace WickrGateway.Commands;

/// <summary>Runs the commands that do something else than serve requests. None of them needs settings.</summary>
internal static class CommandLine
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int UsageError = 2;

    /// <summary>The exit code. Null when the arguments name no command and the gateway is to be started.</summary>
    public static int? Run(string[] args) => args switch
    {
        [HealthCheckCommand.Name] => HealthCheckCommand.Run(),
        [HashKeyCommand.Name] => HashKeyCommand.Run(Console.IsInputRedirected ? Console.In : TextReader.Null, Console.Out, Console.Error),
        [HashKeyCommand.Name, ..] => PrintUsage(HashKeyCommand.Usage),
        [VerifyAuditCommand.Name, .. var arguments] => VerifyAuditCommand.Run(arguments, Console.Out, Console.Error),
        _ => null,
    };

    private static int PrintUsage(string usage)
    {
        Console.Error.WriteLine($"usage: {usage}");
        return UsageError;
    }
}
