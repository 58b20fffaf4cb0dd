namespace WickrGateway.Problems;

/// <summary>Everything that is wrong with a request, by the field or header it is about, in the order it was found.</summary>
internal sealed class ValidationErrors
{
    /// <summary>The name for the body as a whole.</summary>
    public const string Body = "$";

    private readonly OrderedDictionary<string, List<string>> _byField = new(StringComparer.Ordinal);

    public bool Any => _byField.Count > 0;

    public IReadOnlyDictionary<string, List<string>> ByField => _byField;

    public static ValidationErrors Single(string field, string error)
    {
        var errors = new ValidationErrors();
        errors.Add(field, error);
        return errors;
    }

    public void Add(string field, string error)
    {
        if (!_byField.TryGetValue(field, out var errors))
            _byField.Add(field, errors = []);

        // A field that is repeated a thousand times is reported once.
        if (!errors.Contains(error, StringComparer.Ordinal))
            errors.Add(error);
    }
}
