namespace WickrGateway.Benchmarks;

/// <summary>A measurement is impossible or invalid; the message says why, and the run ends.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
