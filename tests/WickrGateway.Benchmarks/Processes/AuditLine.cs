using System.Text;
using System.Text.Json;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>One line of the gateway's audit, from its standard output or its audit file.</summary>
/// <param name="TraceId">The same on both lines of a request, and on no other request's.</param>
/// <param name="Problem">The problem's type without its prefix; null for Wickr's 200, and on <c>requested</c> lines.</param>
/// <param name="Attempts">The number of requests sent to Wickr; null on <c>requested</c> lines, and when the request was refused before.</param>
internal sealed record AuditLine(string Event, string TraceId, DateTimeOffset Time, string? ClientToken, int? Status, string? Problem, int? Attempts)
{
    public const string Requested = "requested";
    public const string Completed = "completed";

    /// <summary>Null for other lines, and for a part of a line that a killed process left.</summary>
    public static AuditLine? Parse(ReadOnlyMemory<byte> line)
    {
        if (line.Span.IndexOf("\"source\":\"WickrGateway.Audit\""u8) < 0)
            return null;

        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            // Lines about the file itself, such as "recovered", belong to no request.
            return root.TryGetProperty("traceId", out var trace)
                ? new AuditLine(
                    root.GetProperty("event").GetString()!,
                    trace.GetString()!,
                    root.GetProperty("time").GetDateTimeOffset(),
                    GetString(root, "clientToken"),
                    GetNumber(root, "status"),
                    GetString(root, "problem"),
                    GetNumber(root, "attempts"))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static IEnumerable<AuditLine> ReadFile(string path) =>
        File.ReadLines(path).Select(line => Parse(Encoding.UTF8.GetBytes(line))).OfType<AuditLine>();

    private static string? GetString(JsonElement line, string field) => line.TryGetProperty(field, out var text) ? text.GetString() : null;

    private static int? GetNumber(JsonElement line, string field) => line.TryGetProperty(field, out var number) ? number.GetInt32() : null;
}
