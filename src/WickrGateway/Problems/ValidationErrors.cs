namespace WickrGateway.Problems;

/// <summary>What is wrong with a request, by the field or header it is about, in the order it was found: at most <see cref="MaxMessages"/> messages.</summary>
internal sealed class ValidationErrors
{
    /// <summary>The name for the body as a whole.</summary>
    public const string Body = "$";

    /// <summary>When there are more, the last one says how many are left out.</summary>
    public const int MaxMessages = 100;

    private readonly OrderedDictionary<string, List<string>> _byField = new(StringComparer.Ordinal);
    private (string Field, string Error) _last;
    private int _count;

    public bool Any => _count > 0;

    /// <summary>Whether further messages will be left out.</summary>
    public bool IsFull => _count >= MaxMessages;

    public static ValidationErrors Single(string field, string error)
    {
        var errors = new ValidationErrors();
        errors.Add(field, error);
        return errors;
    }

    public void Add(string field, string error)
    {
        // A field that is repeated a thousand times is reported once.
        if (_byField.TryGetValue(field, out var known) && known.Contains(error, StringComparer.Ordinal))
            return;

        _count++;
        if (_count < MaxMessages)
            Store(field, error);
        else if (_count == MaxMessages)
            _last = (field, error);
    }

    /// <summary>Counts messages without making them.</summary>
    public void LeaveOut(int count) => _count += count;

    public IReadOnlyDictionary<string, List<string>> ByField()
    {
        if (_count == MaxMessages)
            Store(_last.Field, _last.Error);
        else if (_count > MaxMessages)
            Store(Body, $"{_count - MaxMessages + 1} more errors are left out");

        return _byField;
    }

    private void Store(string field, string error)
    {
        if (!_byField.TryGetValue(field, out var errors))
            _byField.Add(field, errors = []);

        errors.Add(error);
    }
}
