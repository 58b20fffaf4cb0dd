using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DevHost;

/// <summary>Makes of the gateway's JSON lines what a person reads in a terminal: one short line for each request, and one for each warning or error.</summary>
internal sealed class ReadableLog
{
    /// <summary>In characters.</summary>
    private const int MaxMessage = 160;

    /// <summary>Requests that never end must not fill the memory.</summary>
    private const int MaxPending = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _audited = new(StringComparer.Ordinal);

    /// <summary>The line to print instead; empty for none.</summary>
    public byte[] Rewrite(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var json = JsonDocument.ParseValue(ref reader);
            return Describe(json.RootElement) is { } text ? Encoding.UTF8.GetBytes($"{Time(json.RootElement)}  {Printable(text)}{Environment.NewLine}") : [];
        }
        catch (Exception unexpected) when (unexpected is JsonException or InvalidOperationException or FormatException)
        {
            return line.ToArray();
        }
    }

    private string? Describe(JsonElement line) => (Text(line, "source"), Text(line, "event")) switch
    {
        ("WickrGateway.Audit", "completed") => DescribeOperation(line),
        ("WickrGateway.Requests", _) => IsAudited(line) ? null : DescribeRequest(line),
        _ when Text(line, "level") is { } level and not ("Information" or "Debug" or "Trace") => DescribeMessage(level, line),
        _ => null,
    };

    /// <summary>An audit line knows more than the log line of the same request, which comes after it.</summary>
    private string DescribeOperation(JsonElement line)
    {
        // The batches of a bulk request have no log line of their own.
        if (Text(line, "traceId") is { } trace && !line.TryGetProperty("bulk", out _))
        {
            lock (_gate)
            {
                if (_audited.Count >= MaxPending)
                    _audited.Clear();

                _audited[trace] = _audited.GetValueOrDefault(trace) + 1;
            }
        }

        var users = Number(line, "users") ?? Count(line, "userIds") ?? 0;
        var change = Text(line, "action") is { } action ? $"{action} {users} {(users == 1 ? "user" : "users")}" : "request";
        var dryRun = line.TryGetProperty("dryRun", out var flag) && flag.ValueKind == JsonValueKind.True ? "dry run: " : "";
        var place = Text(line, "network") is { } network ? $" in {network}" : "";
        var counts = Count(line, "successful") is { } successful ? $", {successful} successful, {Count(line, "failed") ?? 0} failed" : "";
        if (line.TryGetProperty("summary", out var summary))
            counts = $", all batches: {Number(summary, "successful")} successful, {Number(summary, "failed")} failed, {Number(summary, "unknown")} unknown, {Number(summary, "notSent")} not sent";

        if (line.TryGetProperty("bulk", out var bulk))
            place += $", batch {Number(bulk, "batch")} of {Number(bulk, "of")}";

        var outcome = Text(line, "problem") is not null && Text(line, "outcome") is { } known ? $", {known}" : "";
        return $"{Caller(line)}  {dryRun}{change}{place}  ->  {Status(line)}{counts}{outcome}  {Duration(line)}";
    }

    private static string DescribeRequest(JsonElement line) =>
        $"{Caller(line)}  {Text(line, "method")} {Text(line, "route") ?? "(no route)"}  ->  {Status(line)}  {Duration(line)}";

    private static string DescribeMessage(string level, JsonElement line)
    {
        var message = Text(line, "message") ?? "";
        var exception = Text(line, "exception") is { } stack ? $" ({stack.Split('\n')[0]})" : "";
        return $"{level.ToLowerInvariant()}  {(message.Length > MaxMessage ? $"{message[..MaxMessage]}…" : message)}{exception}";
    }

    private bool IsAudited(JsonElement line)
    {
        if (Text(line, "traceId") is not { } trace)
            return false;

        lock (_gate)
        {
            if (!_audited.Remove(trace, out var requests))
                return false;

            // Several requests can be of one trace.
            if (requests > 1)
                _audited[trace] = requests - 1;

            return true;
        }
    }

    private static string Time(JsonElement line) =>
        DateTimeOffset.Parse(Text(line, "time") ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Caller(JsonElement line) => Text(line, "caller") ?? "-";

    private static string Status(JsonElement line)
    {
        var status = line.TryGetProperty("status", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetRawText() : "";
        return $"{status} {Text(line, "problem")}".Trim();
    }

    private static string Duration(JsonElement line) =>
        line.TryGetProperty("milliseconds", out var milliseconds) && milliseconds.ValueKind == JsonValueKind.Number ? string.Create(CultureInfo.InvariantCulture, $"({milliseconds.GetDouble():0} ms)") : "";

    private static int? Number(JsonElement line, string name) => line.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : null;

    private static int? Count(JsonElement line, string name) => line.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.GetArrayLength() : null;

    private static string? Text(JsonElement line, string name) => line.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    /// <summary>JSON has them escaped; in a terminal they could do anything.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : character));
}
