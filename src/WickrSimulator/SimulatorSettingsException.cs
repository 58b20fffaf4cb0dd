namespace WickrSimulator;

/// <summary>The simulator's configuration is invalid. The message has one line for each error, each with the key it is about, and never a value.</summary>
public sealed class SimulatorSettingsException(IEnumerable<string> errors)
    : Exception($"WickrSimulator cannot start, invalid configuration:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(error => $"  {error}"))}");
