using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using WickrGateway.Problems;
using WickrGateway.SuspendStatus;
using WickrGateway.Wickr;

namespace WickrGateway.Audit;

/// <summary>One audit line: who, whom, when, with what result. Made of what was judged, never of what was merely sent.</summary>
internal static class AuditRecord
{
    private const int MaxResults = 100;
    private const int MaxTextLength = 256;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Before Wickr is asked.</summary>
    public static void WriteRequested(IBufferWriter<byte> output, DateTimeOffset time, HttpContext context, Call call)
    {
        using var json = new Utf8JsonWriter(output, Options);
        WriteStart(json, time, "asked", context, call);
        json.WriteEndObject();
    }

    /// <summary>Before the answer leaves.</summary>
    /// <param name="status">Null when the caller hung up before it could be judged.</param>
    public static void WriteCompleted(IBufferWriter<byte> output, DateTimeOffset time, HttpContext context, Call call, int? status, GatewayProblem? problem, TimeSpan elapsed)
    {
        using var json = new Utf8JsonWriter(output, Options);
        WriteStart(json, time, "answered", context, call);
        if (status is { } code)
            json.WriteNumber("status"u8, code);

        if (problem is not null)
            json.WriteString("problem"u8, problem.Kind.Name);

        if ((problem is null ? call.Result?.Outcome : problem.Outcome) is { } outcome)
            json.WriteString("outcome"u8, GatewayProblem.OutcomeName(outcome));

        if (call.Result is { } result)
        {
            json.WriteNumber("attempts"u8, result.Attempts);
            WriteText(json, "wickrRequestId"u8, result.Answer?.RequestId);
            if (result is { Failure: null, Answer: { } answer })
                WriteResults(json, answer.Body);
        }

        json.WriteNumber("milliseconds"u8, Math.Round(elapsed.TotalMilliseconds, 3));
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, DateTimeOffset time, string name, HttpContext context, Call call)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        json.WriteString("level"u8, "Information"u8);
        json.WriteString("source"u8, AuditTrail.Source);
        json.WriteString("event"u8, name);
        WriteText(json, "caller"u8, call.Caller?.Name);
        if (call.Credential is { } credential)
        {
            json.WriteStartObject("credential"u8);
            json.WriteString("kind"u8, credential.Subject is null ? "apiKey"u8 : "jwt"u8);
            WriteText(json, "fingerprint"u8, credential.KeyFingerprint);
            WriteText(json, "sub"u8, credential.Subject);
            WriteText(json, "iss"u8, credential.Issuer);
            json.WriteEndObject();
        }

        if (call.NetworkId is { } network && WickrIds.IsNetworkId(network))
            json.WriteString("network"u8, network);

        if (call.Read is { } read)
        {
            json.WriteString("action"u8, read.Request.Suspend ? "suspend"u8 : "unsuspend"u8);
            json.WriteStartArray("userIds"u8);
            foreach (var id in read.Request.UserIds)
                json.WriteStringValue(id);

            json.WriteEndArray();
            json.WriteString("clientToken"u8, read.Request.ClientToken);
            WriteText(json, "reason"u8, read.AuditReason);
        }

        json.WriteString("traceId"u8, GatewayProblem.TraceId(context));
        if (context.Connection.RemoteIpAddress is { } address)
            json.WriteString("remoteAddress"u8, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
    }

    /// <summary>What Wickr said of each user. A body that says it otherwise than Wickr's API has it says nothing here.</summary>
    private static void WriteResults(Utf8JsonWriter json, byte[] body)
    {
        using var answer = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1000 });
        if (Results(answer.RootElement, "successful"u8) is { } successful)
        {
            json.WriteStartArray("successful"u8);
            foreach (var user in successful)
                json.WriteStringValue(user.UserId);

            json.WriteEndArray();
        }

        if (Results(answer.RootElement, "failed"u8) is { } failed)
        {
            json.WriteStartArray("failed"u8);
            foreach (var user in failed)
            {
                json.WriteStartObject();
                WriteText(json, "userId"u8, user.UserId);
                WriteText(json, "reason"u8, user.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static IEnumerable<(string? UserId, string? Reason)>? Results(JsonElement answer, ReadOnlySpan<byte> name) =>
        answer.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(user => user.ValueKind == JsonValueKind.Object).Take(MaxResults).Select(user => (Text(user, "userId"), Text(user, "reason")))
            : null;

    private static string? Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return null;

        try
        {
            return value.GetString() is { Length: > MaxTextLength } text ? text[..MaxTextLength] : value.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escape that makes no character.
            return null;
        }
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
