using System.Diagnostics;

namespace WickrGateway.Commands.Doctor;

/// <summary><c>doctor</c>: checks the settings and everything that they name, before the gateway starts or beside one that runs.</summary>
internal static class DoctorCommand
{
    public const string Name = "doctor";
    public const string JsonOption = "--json";
    public const string Usage = $"{Name} [{JsonOption}] [--Section:Key=value …] checks the settings and all that they name; exits with 0, 1 (warnings) or 2 (failures)";

    /// <summary>For each check: longer than the gateway itself would wait for anything.</summary>
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For all of them, also when everything that they ask is silent.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <param name="settings">As on the gateway's own command line.</param>
    public static async Task<int> RunAsync(string[] settings, bool isJson, TextWriter output)
    {
        using var end = new CancellationTokenSource(Timeout);
        var examination = new Examination(CheckTimeout, end.Token);
        if (Load(settings, examination) is { } gateway)
            GatewayExamination.Begin(examination, gateway.Settings, gateway.Configuration);

        var worst = isJson ? await DoctorReport.WriteJsonAsync(examination.Checks, output) : await DoctorReport.WriteTextAsync(examination.Checks, output);
        return worst switch { CheckStatus.Fail => CommandLine.DoctorFailed, CheckStatus.Warn => CommandLine.DoctorWarned, _ => CommandLine.Success };
    }

    /// <summary>Null when the settings are bad: there is nothing else to check then.</summary>
    private static (GatewaySettings Settings, IConfiguration Configuration)? Load(string[] arguments, Examination examination)
    {
        try
        {
            var configuration = GatewayApp.CreateBuilder(arguments).Configuration;
            var settings = GatewaySettings.Load(configuration);
            examination.Add("settings", subject: null, _ => Task.FromResult(SettingsCheck.Check(settings)));
            return (settings, configuration);
        }
        catch (Exception invalid) when (StartFailure.Describe(invalid) is { } text)
        {
            var lines = text.Split(Environment.NewLine);
            var settings = examination.Add(
                "settings", subject: null, _ => Task.FromResult(CheckResult.Fail(lines[0], "Correct them and run the doctor again") with { Details = [.. lines.Skip(1).Select(line => line.Trim())] }));
            foreach (var name in (string[])["callers", "listen", "audit-file", "redis", "collector", "credentials", "host-name", "connection", "tls", "clock", "network"])
                examination.Add(name, subject: null, _ => throw new UnreachableException(), settings);

            return null;
        }
    }
}
