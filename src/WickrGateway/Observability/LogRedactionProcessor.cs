using OpenTelemetry;
using OpenTelemetry.Logs;

namespace WickrGateway.Observability;

/// <summary>Keeps from the collector what standard output leaves out too: the path and the texts of exceptions.</summary>
internal sealed class LogRedactionProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        var attributes = (data.Attributes ?? []).Where(attribute => attribute.Key == "{OriginalFormat}" || JsonLogFormatter.FieldName(attribute.Key) is not null).ToList();
        if (data.Exception is { } exception)
        {
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.stacktrace", JsonLogFormatter.Describe(exception)));
            data.Exception = null;
        }

        data.Attributes = attributes;
    }
}
