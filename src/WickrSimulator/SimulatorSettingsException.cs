namespace WickrSimulator;

/// <summary>A setting of the simulator is wrong; the message names each such key and repeats no value.</summary>
public sealed class SimulatorSettingsException(IEnumerable<string> faults)
    : Exception($"WickrSimulator cannot start, its settings need mending:{Environment.NewLine}{string.Join(Environment.NewLine, faults.Select(fault => $"  {fault}"))}");
