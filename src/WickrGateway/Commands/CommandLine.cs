using WickrGateway.Commands.Doctor;

namespace WickrGateway.Commands;

/// <summary>Runs the commands that do something else than serve requests, and checks the form of the settings. None of this needs settings.</summary>
internal static class CommandLine
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int UsageError = 2;

    /// <summary>Of the doctor, which tells two kinds of findings apart.</summary>
    public const int DoctorWarned = 1;

    public const int DoctorFailed = 2;

    private const string Usage =
        $"""
        usage: WickrGateway [--Section:Key=value …]                 serves requests with these settings
               WickrGateway {HashKeyCommand.Usage}
               WickrGateway {VerifyAuditCommand.Usage}
               WickrGateway {DoctorCommand.Usage}
               WickrGateway --help

        Settings come from appsettings.json beside the program, the environment (Wickr__Region) and the command line
        (--Wickr:Region=us-east-1); the later one wins. All keys and the API: src/WickrGateway/README.md in the source,
        and /swagger of a gateway that runs.
        """;

    /// <summary>The exit code. Null when the arguments name no command and the gateway is to be started.</summary>
    public static async Task<int?> RunAsync(string[] args) => args switch
    {
        [DoctorCommand.Name, .. var arguments] when Array.Exists(arguments, IsHelp) => PrintHelp($"usage: {DoctorCommand.Usage}"),
        [DoctorCommand.Name, .. var arguments] => await RunDoctorAsync(arguments),
        _ => Run(args),
    };

    private static int? Run(string[] args) => args switch
    {
        [HealthCheckCommand.Name] => HealthCheckCommand.Run(),
        [HashKeyCommand.Name] => HashKeyCommand.Run(Console.IsInputRedirected ? Console.In : TextReader.Null, Console.Out, Console.Error),
        [HashKeyCommand.Name, var argument] when IsHelp(argument) => PrintHelp($"usage: {HashKeyCommand.Usage}"),
        [HashKeyCommand.Name, ..] => PrintUsageError($"usage: {HashKeyCommand.Usage}"),
        [VerifyAuditCommand.Name, var argument] when IsHelp(argument) => PrintHelp($"usage: {VerifyAuditCommand.Usage}"),
        [VerifyAuditCommand.Name, .. var arguments] => VerifyAuditCommand.Run(arguments, Console.Out, Console.Error),
        ["help", ..] => PrintHelp(Usage),
        _ => CheckSettings(args),
    };

    private static async Task<int> RunDoctorAsync(string[] arguments)
    {
        string[] settings = [.. arguments.Where(argument => argument != DoctorCommand.JsonOption)];
        return CheckSettings(settings) ?? await DoctorCommand.RunAsync(settings, isJson: settings.Length < arguments.Length, Console.Out);
    }

    /// <summary>
    /// The framework takes <c>--key=value</c>, <c>--key value</c>, <c>/key=value</c>, <c>/key value</c> and <c>key=value</c>, and ignores everything
    /// else: a misspelt command would start the gateway, and a setting without its value would silently have no effect.
    /// </summary>
    private static int? CheckSettings(string[] args)
    {
        for (var index = 0; index < args.Length; index++)
        {
            var argument = args[index];
            if (IsHelp(argument))
                return PrintHelp(Usage);

            var isSwitch = argument.StartsWith("--", StringComparison.Ordinal) || argument.StartsWith('/');
            var key = argument.AsSpan(argument.StartsWith("--", StringComparison.Ordinal) ? 2 : isSwitch ? 1 : 0);
            var keyLength = key.IndexOf('=') is >= 0 and var end ? end : isSwitch ? key.Length : 0;
            // Arguments are counted, not repeated: one can be a secret that lost its key.
            if (keyLength == 0 || (argument[0] == '-' && !isSwitch))
                return PrintUsageError($"Argument {index + 1} is neither a command nor a setting.{Environment.NewLine}{Usage}");

            if (keyLength == key.Length && ++index == args.Length)
                return PrintUsageError($"Argument {index} is a setting without a value.{Environment.NewLine}{Usage}");
        }

        return null;
    }

    private static bool IsHelp(string argument) => argument is "--help" or "-h";

    private static int PrintHelp(string usage)
    {
        Console.Out.WriteLine(usage);
        return Success;
    }

    private static int PrintUsageError(string message)
    {
        Console.Error.WriteLine(message);
        return UsageError;
    }
}
