namespace WickrGateway.Configuration;

/// <summary>The configuration is invalid. The message is one line for each error, each with the key it is about, and never a value.</summary>
public sealed class SettingsException(IReadOnlyList<string> errors)
    : Exception($"WickrGateway cannot start, invalid configuration:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(error => $"  {error}"))}")
{
    /// <summary>One line for each error, beginning with the key.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
