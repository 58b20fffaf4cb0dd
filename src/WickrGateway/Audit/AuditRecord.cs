using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using WickrGateway.Observability;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.Audit;

/// <summary>Writes one audit line: who, what, when and with which result. It has only what was validated, never what was merely sent.</summary>
internal static class AuditRecord
{
    private const int MaxTextLength = 256;

    /// <summary>Those of a bulk request are in the lines of its batches: a log collector may cut lines of more than 16 KiB.</summary>
    private const int MaxUserIds = WickrIds.MaxUserIds;

    /// <summary>They make a terminal or an editor show a line in another order than it has.</summary>
    private const string BidirectionalControls = "\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly SearchValues<char> Bidirectional = SearchValues.Create(BidirectionalControls);
    private static readonly JavaScriptEncoder BidirectionalEncoder = CreateBidirectionalEncoder();

    /// <summary>Before the request is sent to Wickr.</summary>
    public static void WriteRequested(IBufferWriter<byte> output, DateTimeOffset time, RequestOrigin origin, RequestedChange change)
    {
        using var json = new Utf8JsonWriter(output, Options);
        WriteStart(json, time, "requested", origin, change, withUserIds: true);
        json.WriteEndObject();
    }

    /// <summary>Before the response leaves.</summary>
    public static void WriteCompleted(IBufferWriter<byte> output, DateTimeOffset time, CompletedRequest request)
    {
        using var json = new Utf8JsonWriter(output, Options);
        // A bulk request that was begun has its users in the lines of its batches; here they would count twice.
        WriteStart(json, time, "completed", request.Origin, request.Change, withUserIds: request.Summary is null);
        if (request.Kind == OperationKind.DryRun)
            json.WriteBoolean("dryRun"u8, true);
        else if (request.Kind == OperationKind.WhoAmI || request.Kind == OperationKind.Bulk)
            json.WriteString("operation"u8, request.Kind.Name);

        if (request.Status is { } status)
            json.WriteNumber("status"u8, status);

        WriteString(json, "problem"u8, request.ProblemName);
        WriteString(json, "outcome"u8, request.Outcome?.Name());
        if (request.Problem is { } problem)
            WritePolicyRefusal(json, problem);

        if (request.Wickr is { } wickr)
        {
            json.WriteNumber("attempts"u8, wickr.Attempts);
            WriteString(json, "wickrRequestId"u8, wickr.Response?.RequestId);
            if (wickr.Users is { } users)
                WriteUsers(json, users);
        }

        if (request.Summary is { } summary)
            WriteSummary(json, summary);

        json.WriteNumber("milliseconds"u8, Math.Round(request.Duration.TotalMilliseconds, 3));
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, DateTimeOffset time, string name, RequestOrigin origin, RequestedChange? change, bool withUserIds)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, LineTime.Format(time, stackalloc char[LineTime.BufferLength]));
        json.WriteString("level"u8, "Information"u8);
        json.WriteString("source"u8, AuditTrail.Source);
        json.WriteString("event"u8, name);
        WriteOrigin(json, origin);
        if (change is not null)
            WriteChange(json, change, withUserIds);

        json.WriteString("traceId"u8, origin.TraceId);
        if (origin.RemoteAddress is { } address)
            json.WriteString("remoteAddress"u8, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
    }

    private static void WriteOrigin(Utf8JsonWriter json, RequestOrigin origin)
    {
        WriteString(json, "caller"u8, origin.Caller?.Name);
        if (origin.Credential is { } credential)
        {
            json.WriteStartObject("credential"u8);
            json.WriteString("kind"u8, credential.Kind);
            WriteString(json, "fingerprint"u8, credential.KeyFingerprint);
            WriteString(json, "sub"u8, credential.Subject);
            WriteString(json, "iss"u8, credential.Issuer);
            json.WriteEndObject();
        }

        WriteString(json, "network"u8, origin.NetworkId);
    }

    private static void WriteChange(Utf8JsonWriter json, RequestedChange change, bool withUserIds)
    {
        json.WriteString("action"u8, change.Action);
        if (withUserIds)
            WriteIds(json, "userIds"u8, change.UserIds);

        if (!withUserIds || change.UserIds.Count > MaxUserIds)
            json.WriteNumber("users"u8, change.UserIds.Count);

        json.WriteString("clientToken"u8, change.ClientToken);
        if (change.Bulk is { } bulk)
        {
            json.WriteStartObject("bulk"u8);
            json.WriteString("clientToken"u8, bulk.ClientToken);
            json.WriteNumber("batch"u8, bulk.Batch);
            json.WriteNumber("of"u8, bulk.Of);
            json.WriteEndObject();
        }

        // Whole: it was validated, and can have more UTF-16 units than other texts may have.
        if (change.Reason is { } reason)
            json.WriteString("reason"u8, reason);

        WriteString(json, "region"u8, change.Region);
        WriteString(json, "session"u8, change.Session);
    }

    private static void WritePolicyRefusal(Utf8JsonWriter json, GatewayProblem problem)
    {
        if (problem.ProtectedUserIds is { } ids)
            WriteIds(json, "protectedUserIds"u8, ids);

        if (problem.Limit is { } limit)
        {
            json.WriteStartObject("limit"u8);
            json.WriteString("scope"u8, limit.Scope);
            json.WriteNumber("limit"u8, limit.Limit);
            json.WriteNumber("used"u8, limit.Used);
            json.WriteNumber("requested"u8, limit.Requested);
            json.WriteString("window"u8, limit.Window);
            json.WriteEndObject();
        }
    }

    private static void WriteIds(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids.Take(MaxUserIds))
            json.WriteStringValue(id);

        json.WriteEndArray();
    }

    private static void WriteSummary(Utf8JsonWriter json, BulkSummary summary)
    {
        json.WriteStartObject("summary"u8);
        json.WriteBoolean("complete"u8, summary.IsComplete);
        json.WriteNumber("users"u8, summary.Users);
        json.WriteNumber("successful"u8, summary.Successful);
        json.WriteNumber("failed"u8, summary.Failed);
        json.WriteNumber("unknown"u8, summary.Unknown);
        json.WriteNumber("notSent"u8, summary.NotSent);
        WriteString(json, "stopped"u8, summary.Stopped);
        json.WriteEndObject();
    }

    private static void WriteUsers(Utf8JsonWriter json, UserResults users)
    {
        if (users.Successful is { } successful)
        {
            json.WriteStartArray("successful"u8);
            foreach (var user in successful)
            {
                if (user.UserId is { } id)
                    WriteText(json, id);
                else
                    json.WriteNullValue();
            }

            json.WriteEndArray();
        }

        if (users.Failed is { } failed)
        {
            json.WriteStartArray("failed"u8);
            foreach (var user in failed)
            {
                json.WriteStartObject();
                WriteString(json, "userId"u8, user.UserId);
                WriteString(json, "reason"u8, user.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    /// <summary>For every text that comes from outside.</summary>
    private static void WriteString(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null)
            return;

        json.WritePropertyName(name);
        WriteText(json, text);
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        var span = text.AsSpan();
        if (span.Length > MaxTextLength)
            span = span[..(char.IsHighSurrogate(span[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength)];

        if (span.ContainsAny(Bidirectional))
            json.WriteRawValue($"\"{BidirectionalEncoder.Encode(span.ToString())}\"", skipInputValidation: true);
        else
            json.WriteStringValue(span);
    }

    private static JavaScriptEncoder CreateBidirectionalEncoder()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.All);
        settings.ForbidCharacters(BidirectionalControls.ToCharArray());
        return JavaScriptEncoder.Create(settings);
    }
}
