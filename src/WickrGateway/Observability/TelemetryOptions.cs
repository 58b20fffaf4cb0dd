using WickrGateway.Configuration;

namespace WickrGateway.Observability;

/// <summary>Where metrics, traces and logs go. OTLP is configured by OpenTelemetry's standard variables only.</summary>
/// <param name="IsOff"><c>OTEL_SDK_DISABLED</c>: no metrics, and no <c>/metrics</c>.</param>
internal sealed record TelemetryOptions(bool IsOff, bool SendsMetrics, bool SendsTraces, bool SendsLogs)
{
    private static readonly string[] Signals = ["METRICS", "TRACES", "LOGS"];

    /// <summary>Where the signals go that are sent.</summary>
    public IEnumerable<Uri> Endpoints(IConfiguration variables) =>
        Signals.Zip((bool[])[SendsMetrics, SendsTraces, SendsLogs])
            .Where(signal => signal.Second)
            .Select(signal => variables[$"OTEL_EXPORTER_OTLP_{signal.First}_ENDPOINT"] is { Length: > 0 } own ? own : variables["OTEL_EXPORTER_OTLP_ENDPOINT"]!)
            .Select(endpoint => new Uri(endpoint));

    public static TelemetryOptions Read(SettingsReader settings)
    {
        // By the specification every value but "true" leaves the SDK on.
        var isOff = "true".Equals(settings.GetString("OTEL_SDK_DISABLED"), StringComparison.OrdinalIgnoreCase);
        foreach (var key in (ReadOnlySpan<string>)["OTEL_EXPORTER_OTLP_HEADERS", .. Signals.Select(signal => $"OTEL_EXPORTER_OTLP_{signal}_HEADERS")])
        {
            // The exporter would end the start with an exception that has the value.
            if (!isOff && settings.GetString(key) is { } headers && !Uri.UnescapeDataString(headers).Split(',', StringSplitOptions.RemoveEmptyEntries).All(IsHeader))
                settings.AddError(key, "must be headers as name=value, with a comma between several");
        }

        return new TelemetryOptions(isOff, Sends(settings, "METRICS") && !isOff, Sends(settings, "TRACES") && !isOff, Sends(settings, "LOGS") && !isOff);
    }

    private static bool IsHeader(string header) =>
        header.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, var value]
        && name.All(character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal))
        && value.All(character => character is >= ' ' and <= '~');

    /// <summary>A collector is configured, and the signal is not switched off.</summary>
    private static bool Sends(SettingsReader settings, string signal)
    {
        var key = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
        if (settings.GetString(key) is null)
            key = "OTEL_EXPORTER_OTLP_ENDPOINT";

        if (settings.GetString(key) is not { } endpoint)
            return false;

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            settings.AddError(key, "must be an http or https URL");

        return settings.GetString($"OTEL_{signal}_EXPORTER") is not { } exporters || exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.OrdinalIgnoreCase);
    }
}
