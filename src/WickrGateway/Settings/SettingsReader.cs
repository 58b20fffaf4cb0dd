using System.Globalization;

namespace WickrGateway.Settings;

/// <summary>
/// Reads settings one by one and keeps every fault, so that a bad start tells all of them at once. The configuration binder is not
/// used for this because it stops at the first value it cannot convert, reads a bare <c>5</c> as five days, takes <c>""</c> for a value,
/// and passes over keys it does not know, so that a misspelt limit would silently not hold. Faults never repeat a value: it may be a secret in the wrong place.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> Faults => _faults;

    public void Fault(string key, string problem) => _faults.Add($"{key}: {problem}");

    /// <summary>The first of the keys that has a value that is not empty.</summary>
    public string? Text(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (configuration[key] is { Length: > 0 } value)
                return value;

            if (configuration.GetSection(key).GetChildren().Any(child => child.Value is not null))
                Fault(key, "has members, but a single value is expected");
        }

        return null;
    }

    public bool Flag(string key, bool otherwise, string? fallback = null)
    {
        var text = fallback is null ? Text(key) : Text(key, fallback);
        if (text is null)
            return otherwise;

        if (!bool.TryParse(text, out var flag))
            Fault(Source(key, fallback), "must be true or false");

        return flag;
    }

    public int Whole(string key, int otherwise, int least, int most) => (int)Whole(key, (long)otherwise, least, most);

    public long Whole(string key, long otherwise, long least, long most)
    {
        if (Text(key) is not { } text)
            return otherwise;

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;

        Fault(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));
        return otherwise;
    }

    public double Number(string key, double otherwise, double least, double most)
    {
        if (Text(key) is not { } text)
            return otherwise;

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;

        Fault(key, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}"));
        return otherwise;
    }

    /// <summary>A duration in the form <c>hh:mm:ss</c> with an optional fraction, and nothing else.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text)
            return otherwise;

        if (TimeSpan.TryParseExact(text, [@"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF"], CultureInfo.InvariantCulture, out var duration) && duration >= least && duration <= most)
            return duration;

        Fault(key, string.Create(CultureInfo.InvariantCulture, $"must be a duration as hh:mm:ss, from {least:g} to {most:g}"));
        return otherwise;
    }

    /// <summary>The values of a list; empty ones count as absent.</summary>
    public IEnumerable<(string Key, string Value)> List(string key)
    {
        var section = configuration.GetSection(key);
        if (!string.IsNullOrEmpty(section.Value))
            Fault(key, $"must be a list ({key}:0, {key}:1, …), not a single value");

        foreach (var child in section.GetChildren())
        {
            if (child.Value is { Length: > 0 } value)
                yield return (child.Path, value);
            else if (child.GetChildren().Any())
                Fault(child.Path, "must be a single value");
        }
    }

    public IEnumerable<(string Key, string Name)> Members(string key) =>
        configuration.GetSection(key).GetChildren().Select(child => (child.Path, child.Key));

    /// <summary>Refuses keys that nobody reads: a misspelt limit or grant must not silently count as not given.</summary>
    public void Know(string key, params ReadOnlySpan<string> names)
    {
        foreach (var (path, name) in Members(key))
        {
            var known = false;
            foreach (var candidate in names)
                known |= string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase);

            if (!known)
                Fault(path, $"is not a setting; {key} has {string.Join(", ", names)}");
        }
    }

    public string Source(string key, string? fallback) =>
        fallback is not null && string.IsNullOrEmpty(configuration[key]) && !string.IsNullOrEmpty(configuration[fallback]) ? $"{key} (from {fallback})" : key;
}
