using System.Globalization;

namespace WickrGateway.Configuration;

/// <summary>
/// Reads settings one by one and collects every error, so that a failed start names all of them at once. The configuration binder is not
/// used because it stops at the first value it cannot convert, reads a bare <c>5</c> as five days, takes <c>""</c> for a value and ignores
/// unknown keys, so that a misspelt limit would silently have no effect. Errors never repeat a value: it may be a secret in the wrong place.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The same error is reported once, however many readers find it.</summary>
    public void AddError(string key, string problem)
    {
        var error = $"{key}: {problem}";
        if (!_errors.Contains(error, StringComparer.Ordinal))
            _errors.Add(error);
    }

    /// <summary>The value of the first key that has one. An empty value is treated as absent.</summary>
    public string? GetString(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (configuration[key] is { Length: > 0 } value)
                return value;

            if (configuration.GetSection(key).GetChildren().Any(child => child.Value is not null))
                AddError(key, "is a section, but a single value is expected");
        }

        return null;
    }

    /// <param name="fallback">The key that is read when the first one is absent, such as an <c>AWS_*</c> variable.</param>
    public bool GetBool(string key, bool defaultValue, string? fallback = null)
    {
        var text = fallback is null ? GetString(key) : GetString(key, fallback);
        if (text is null)
            return defaultValue;

        if (bool.TryParse(text, out var value))
            return value;

        AddError(DescribeSource(key, fallback), "must be true or false");
        return defaultValue;
    }

    public int GetInt(string key, int defaultValue, int min, int max) => (int)GetLong(key, defaultValue, min, max);

    /// <summary>Null when the key is absent or wrong.</summary>
    public int? GetOptionalInt(string key, int min, int max) => GetString(key) is null ? null : GetInt(key, min, min, max);

    public long GetLong(string key, long defaultValue, long min, long max)
    {
        if (GetString(key) is not { } text)
            return defaultValue;

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;

        AddError(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
        return defaultValue;
    }

    public double GetDouble(string key, double defaultValue, double min, double max)
    {
        if (GetString(key) is not { } text)
            return defaultValue;

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;

        AddError(key, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}"));
        return defaultValue;
    }

    /// <summary>One of the names, exactly as they are written.</summary>
    public T GetEnum<T>(string key, T defaultValue)
        where T : struct, Enum
    {
        if (GetString(key) is not { } text)
            return defaultValue;

        if (Enum.GetNames<T>().Contains(text, StringComparer.Ordinal))
            return Enum.Parse<T>(text);

        AddError(key, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
        return defaultValue;
    }

    /// <summary>An absolute http or https URL; null when the key is absent or wrong.</summary>
    public Uri? GetUrl(string key)
    {
        if (GetString(key) is not { } text)
            return null;

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0)
            return url;

        AddError(key, "must be an http or https URL");
        return null;
    }

    /// <summary>A duration as <c>hh:mm:ss</c> with an optional fraction, and in no other form.</summary>
    public TimeSpan GetDuration(string key, TimeSpan defaultValue, TimeSpan min, TimeSpan max)
    {
        if (GetString(key) is not { } text)
            return defaultValue;

        if (TimeSpan.TryParseExact(text, [@"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF"], CultureInfo.InvariantCulture, out var duration) && duration >= min && duration <= max)
            return duration;

        AddError(key, string.Create(CultureInfo.InvariantCulture, $"must be a duration as hh:mm:ss, from {min:g} to {max:g}"));
        return defaultValue;
    }

    /// <summary>The values of a list, each with its key. Empty values are treated as absent.</summary>
    public IEnumerable<(string Key, string Value)> GetList(string key)
    {
        var section = configuration.GetSection(key);
        if (!string.IsNullOrEmpty(section.Value))
            AddError(key, $"must be a list ({key}:0, {key}:1, …), not a single value");

        foreach (var child in section.GetChildren())
        {
            if (child.Value is { Length: > 0 } value)
                yield return (child.Path, value);
            else if (child.GetChildren().Any())
                AddError(child.Path, "must be a single value");
        }
    }

    public IEnumerable<(string Key, string Name)> GetChildren(string key) =>
        configuration.GetSection(key).GetChildren().Select(child => (child.Path, child.Key));

    /// <summary>Adds an error for each key of the section that is not one of the names: a misspelt limit or grant must not be ignored.</summary>
    public void RejectUnknownKeys(string section, params ReadOnlySpan<string> names)
    {
        foreach (var (key, name) in GetChildren(section))
        {
            var known = false;
            foreach (var candidate in names)
                known |= string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase);

            if (!known)
                AddError(key, $"is not a setting; {section} has {string.Join(", ", names)}");
        }
    }

    private string DescribeSource(string key, string? fallback) =>
        fallback is not null && string.IsNullOrEmpty(configuration[key]) && !string.IsNullOrEmpty(configuration[fallback]) ? $"{key} (from {fallback})" : key;
}
