using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WickrGateway.Commands.Doctor;

/// <summary>Prints the checks for a person, each as soon as it has ended, or for a program.</summary>
internal static class DoctorReport
{
    private const string Indent = "      ";

    public static async Task<CheckStatus> WriteTextAsync(IReadOnlyList<Check> checks, TextWriter output)
    {
        foreach (var check in checks)
        {
            var result = await check.Result;
            await output.WriteLineAsync($"{Name(result.Status)}  {check.Title}: {result.Message}");
            foreach (var detail in result.Details)
                await output.WriteLineAsync($"{Indent}{detail}");

            if (result.Remedy is not null)
                await output.WriteLineAsync($"{Indent}→ {result.Remedy}");

            await output.FlushAsync();
        }

        var results = await Task.WhenAll(checks.Select(check => check.Result));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(CheckStatus.Pass)} passed, {Count(CheckStatus.Warn)} warned, {Count(CheckStatus.Fail)} failed, {Count(CheckStatus.Skip)} skipped"));
        return Worst(results);

        int Count(CheckStatus status) => results.Count(result => result.Status == status);
    }

    public static async Task<CheckStatus> WriteJsonAsync(IReadOnlyList<Check> checks, TextWriter output)
    {
        var results = await Task.WhenAll(checks.Select(check => check.Result));
        var worst = Worst(results);
        var report = new ReportJson(
            Name(worst),
            [.. checks.Zip(results, (check, result) => new CheckJson(
                check.Name, check.Subject, Name(result.Status), result.Message, result.Details.Count > 0 ? result.Details : null, result.Remedy, result.SkippedBecause))]);
        await output.WriteLineAsync(JsonSerializer.Serialize(report, DoctorJson.Readable.ReportJson));
        return worst;
    }

    /// <summary>What is skipped says nothing: the check that failed does.</summary>
    private static CheckStatus Worst(IEnumerable<CheckResult> results) => results.Select(result => result.Status).Where(status => status != CheckStatus.Skip).DefaultIfEmpty(CheckStatus.Pass).Max();

    private static string Name(CheckStatus status) => status switch
    {
        CheckStatus.Pass => "pass",
        CheckStatus.Warn => "warn",
        CheckStatus.Fail => "fail",
        _ => "skip",
    };
}

/// <summary>The report for programs. Fields may be added; those that are there keep their name and meaning.</summary>
/// <param name="Status">The worst of all checks: <c>pass</c>, <c>warn</c> or <c>fail</c>.</param>
internal sealed record ReportJson(string Status, IReadOnlyList<CheckJson> Checks);

/// <param name="Check">The kind of check.</param>
/// <param name="Status"><c>pass</c>, <c>warn</c>, <c>fail</c> or <c>skip</c>.</param>
internal sealed record CheckJson(string Check, string? Subject, string Status, string Message, IReadOnlyList<string>? Details, string? Remedy, string? SkippedBecause);

[JsonSerializable(typeof(ReportJson))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    public static DoctorJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });
}
