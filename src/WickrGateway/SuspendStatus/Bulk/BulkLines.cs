using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Problems;

namespace WickrGateway.SuspendStatus.Bulk;

/// <summary>The lines of a bulk response, each one JSON object that ends with a line feed.</summary>
internal static class BulkLines
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="end">Of the batch: Wickr's result, or a problem.</param>
    public static ReadOnlyMemory<byte> Batch(BulkBatch batch, OperationEnd end, string traceId) => Write(json =>
    {
        json.WriteNumber("batch"u8, batch.Number);
        json.WriteNumber("of"u8, batch.Of);
        json.WriteStartArray("userIds"u8);
        foreach (var id in batch.Call.Request.UserIds)
            json.WriteStringValue(id);

        json.WriteEndArray();
        json.WriteString("clientToken"u8, batch.Call.Change.ClientToken);
        json.WriteNumber("status"u8, end.Problem?.Status ?? StatusCodes.Status200OK);
        if ((end.Problem is null ? end.Wickr?.Outcome : end.Problem.Outcome) is { } outcome)
            json.WriteString("outcome"u8, outcome.Name());

        if (end.Problem is { } problem)
        {
            json.WritePropertyName("problem"u8);
            json.WriteRawValue(problem.ToJson(traceId), skipInputValidation: true);
        }
        else if (end.Wickr is { Response: { } response } result)
        {
            json.WriteNumber("attempts"u8, result.Attempts);
            if (response.RequestId is { } requestId)
                json.WriteString("wickrRequestId"u8, requestId);

            json.WritePropertyName("result"u8);
            json.WriteRawValue(WithoutWhiteSpace(response.Body), skipInputValidation: true);
        }
    });

    public static ReadOnlyMemory<byte> Summary(BulkSummary summary) => Write(json =>
    {
        json.WriteBoolean("summary"u8, true);
        json.WriteBoolean("complete"u8, summary.IsComplete);
        json.WriteNumber("users"u8, summary.Users);
        json.WriteNumber("successful"u8, summary.Successful);
        json.WriteNumber("failed"u8, summary.Failed);
        json.WriteNumber("unknown"u8, summary.Unknown);
        json.WriteNumber("notSent"u8, summary.NotSent);
        if (summary.Stopped is { } stopped)
            json.WriteString("stopped"u8, stopped);
    });

    /// <summary>Valid JSON without the white space between its tokens; the tokens stay as they are, byte for byte.</summary>
    internal static byte[] WithoutWhiteSpace(ReadOnlySpan<byte> json)
    {
        var output = new byte[json.Length];
        var length = 0;
        var (isInString, isEscaped) = (false, false);
        foreach (var character in json)
        {
            if (!isInString && character is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;

            if (!isEscaped && character == '"')
                isInString = !isInString;

            isEscaped = isInString && !isEscaped && character == '\\';
            output[length++] = character;
        }

        return output[..length];
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> fields)
    {
        var line = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }
}
