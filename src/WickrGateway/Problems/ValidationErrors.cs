namespace WickrGateway.Problems;

/// <summary>What is wrong with a request, by the field or header it is about, in the order it was found.</summary>
internal sealed class ValidationErrors
{
    /// <summary>The name for the body as a whole.</summary>
    public const string Body = "$";

    /// <summary>When there are more, the last one says how many are left out.</summary>
    public const int MaxMessages = 100;

    private readonly List<(string Field, string Error)> _messages = [];
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
        if (_messages.Contains((field, error)))
            return;

        if (!IsFull)
            _messages.Add((field, error));

        _count++;
    }

    /// <summary>Counts an error whose message would be left out anyway.</summary>
    public void LeaveOut() => _count++;

    public IReadOnlyDictionary<string, List<string>> ByField()
    {
        var byField = new OrderedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (field, error) in _count > MaxMessages ? _messages.Take(MaxMessages - 1).Append((Body, $"{_count - MaxMessages + 1} more errors are left out")) : _messages)
        {
            if (!byField.TryGetValue(field, out var errors))
                byField.Add(field, errors = []);

            errors.Add(error);
        }

        return byField;
    }
}
