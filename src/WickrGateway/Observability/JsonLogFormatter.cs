using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace WickrGateway.Observability;

/// <summary>
/// One JSON object on one line for each event, its properties as top-level fields. It leaves out what the framework adds to every event and
/// what repeats a caller's text: the texts of exceptions (type and stack trace stay), and in the web framework's events the values that can
/// be one, such as path, query and host.
/// </summary>
internal sealed class JsonLogFormatter : ITextFormatter
{
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var isGateways = !MayQuoteRequests((logEvent.Properties.GetValueOrDefault(Constants.SourceContextPropertyName) as ScalarValue)?.Value as string);
        output.Write("{\"time\":\"");
        output.Write(LineTime.Format(logEvent.Timestamp, stackalloc char[LineTime.BufferLength]));
        output.Write("\",\"level\":\"");
        output.Write(LevelName(logEvent.Level));
        output.Write("\",\"message\":");
        WriteText(Message(logEvent, isGateways), output);
        foreach (var (name, value) in logEvent.Properties)
        {
            if (FieldName(name) is { } field && (isGateways || IsHarmless(name, (value as ScalarValue)?.Value ?? value)))
            {
                output.Write(",\"");
                Encoder.Encode(output, field);
                output.Write("\":");
                WriteValue(value, output);
            }
        }

        if (logEvent.TraceId is { } trace && !logEvent.Properties.ContainsKey("TraceId"))
            output.Write($",\"traceId\":\"{trace.ToHexString()}\"");

        if (logEvent.Exception is { } exception)
        {
            output.Write(",\"exception\":");
            WriteText(Describe(exception), output);
        }

        output.Write("}\n");
    }

    /// <summary>As .NET names the levels.</summary>
    private static string LevelName(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "Trace",
        LogEventLevel.Debug => "Debug",
        LogEventLevel.Information => "Information",
        LogEventLevel.Warning => "Warning",
        LogEventLevel.Error => "Error",
        _ => "Critical",
    };

    /// <summary>Null for properties that are noise in every event; a name that the line itself uses gets an underscore.</summary>
    public static string? FieldName(string name) => name switch
    {
        "EventId" or "RequestId" or "RequestPath" or "ConnectionId" or "SpanId" or "ParentId" or "ActionId" or "ActionName" or "Scope" => null,
        "SourceContext" => "source",
        "time" or "level" or "message" or "source" or "exception" or "Time" or "Level" or "Message" or "Source" or "Exception" => $"{name}_",
        _ => JsonNamingPolicy.CamelCase.ConvertName(name),
    };

    /// <summary>Whether events of this source can repeat any part of a request: in ASP.NET Core the lower levels do.</summary>
    public static bool MayQuoteRequests(string? source) => source?.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) == true;

    /// <summary>Whether the value of such an event cannot be a caller's text. Text is harmless only under a name that is known to be.</summary>
    public static bool IsHarmless(string name, object? value) => value is null || value.GetType().IsPrimitive || value is Enum or TimeSpan or DateTimeOffset || name switch
    {
        "SourceContext" or "{OriginalFormat}" or "ConnectionId" or "TraceIdentifier" or "EndpointName" or "RoutePattern" or "AuthenticationScheme" or "HealthCheckName" => true,
        "address" or "addresses" or "methodName" or "Version" => true,
        _ => false,
    };

    private static string Message(LogEvent logEvent, bool isGateways)
    {
        using var text = new StringWriter(new StringBuilder(128));
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken { PropertyName: var name } && !isGateways && !(logEvent.Properties.GetValueOrDefault(name) is { } value && IsHarmless(name, (value as ScalarValue)?.Value ?? value)))
                text.Write($"{{{name}}}");
            else if (token is PropertyToken property && logEvent.Properties.GetValueOrDefault(property.PropertyName) is ScalarValue { Value: string words })
                text.Write(words);
            else
                token.Render(logEvent.Properties, text);
        }

        return text.ToString();
    }

    private static void WriteValue(LogEventPropertyValue value, TextWriter output)
    {
        switch (value)
        {
            case ScalarValue { Value: null }:
                output.Write("null");
                break;
            case ScalarValue { Value: bool flag }:
                output.Write(flag ? "true" : "false");
                break;
            case ScalarValue { Value: int or long or uint or ulong or short or ushort or byte or decimal } number:
                output.Write(number.Value);
                break;
            case ScalarValue { Value: double number } when double.IsFinite(number):
                output.Write(number);
                break;
            case ScalarValue scalar:
                WriteText(scalar.Value!.ToString() ?? "", output);
                break;
            default:
                WriteText(value.ToString(), output);
                break;
        }
    }

    public static string Describe(Exception exception)
    {
        var text = new StringBuilder();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            text.Append(cause.GetType().FullName).Append('\n').Append(cause.StackTrace).Append('\n');

        return text.ToString();
    }

    private static void WriteText(string text, TextWriter output)
    {
        output.Write('"');
        Encoder.Encode(output, text);
        output.Write('"');
    }
}
