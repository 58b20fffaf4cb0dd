using System.Text.Json;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Doctor;

/// <summary>One check of the report for programs.</summary>
internal sealed record DoctorCheck(string Check, string? Subject, string Status, string Message, string[]? Details, string? Remedy, string? SkippedBecause);

internal sealed record DoctorJson(string Status, DoctorCheck[] Checks);

/// <summary>A run of the program's <c>doctor --json</c>.</summary>
internal sealed record DoctorRun(int ExitCode, DoctorJson Report, string Output)
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <param name="settings">All that the process sees of settings and credentials.</param>
    public static async Task<DoctorRun> RunAsync(Dictionary<string, string> settings, params string[] arguments)
    {
        await using var doctor = GatewayProcess.Start(settings, ["doctor", "--json", .. arguments]);
        var exitCode = await doctor.ExitAsync();
        Assert.Empty(doctor.StandardError);
        return new DoctorRun(exitCode, JsonSerializer.Deserialize<DoctorJson>(string.Concat(doctor.StandardOutput), Strict)!, doctor.Output);
    }

    /// <summary>The minimal settings with a Wickr and an STS.</summary>
    public static Dictionary<string, string> Settings(Uri wickr, Uri? sts = null)
    {
        var settings = GatewayProcess.MinimalSettings();
        settings["Auth:Callers:app:Networks:0"] = "12345678";
        settings["Wickr:Endpoint"] = wickr.AbsoluteUri;
        settings["AWS_ENDPOINT_URL_STS"] = (sts ?? wickr).AbsoluteUri;
        return settings;
    }

    /// <summary>The only one of this kind.</summary>
    public DoctorCheck Of(string check) => Report.Checks.Single(one => one.Check == check);

    /// <summary>All statuses that are not <c>pass</c>, such as <c>fail credentials</c>.</summary>
    public string Findings => string.Join(", ", Report.Checks.Where(check => check.Status != "pass").Select(check => $"{check.Status} {check.Check}"));
}
