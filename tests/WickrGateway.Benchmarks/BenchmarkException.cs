namespace WickrGateway.Benchmarks;

/// <summary>A measurement that cannot be made or does not count; the message says why, and the run ends.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
