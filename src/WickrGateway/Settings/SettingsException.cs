namespace WickrGateway.Settings;

/// <summary>The settings are not usable. The message is one line for each fault, each with the key it is about, and never a value.</summary>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception($"WickrGateway cannot start, its settings need mending:{Environment.NewLine}{string.Join(Environment.NewLine, faults.Select(fault => $"  {fault}"))}")
{
    /// <summary>One line for each fault, beginning with the key.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
