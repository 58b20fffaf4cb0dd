using OpenTelemetry;
using OpenTelemetry.Logs;

namespace WickrGateway.Observability;

/// <summary>Keeps from the collector what standard output leaves out too: the texts of exceptions, and what the web framework repeats of a request.</summary>
internal sealed class LogRedactionProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        var attributes = (data.Attributes ?? []).Where(attribute => attribute.Key == "{OriginalFormat}" || JsonLogFormatter.FieldName(attribute.Key) is not null).ToList();
        if (JsonLogFormatter.MayQuoteRequests(data.CategoryName))
        {
            attributes.RemoveAll(attribute => !JsonLogFormatter.IsHarmless(attribute.Key, attribute.Value));
            data.FormattedMessage = data.Body;
        }

        if (data.Exception is { } exception)
        {
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.stacktrace", JsonLogFormatter.Describe(exception)));
            data.Exception = null;
        }

        data.Attributes = attributes;
    }
}
