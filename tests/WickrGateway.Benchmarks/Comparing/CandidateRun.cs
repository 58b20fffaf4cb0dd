namespace WickrGateway.Benchmarks.Comparing;

/// <summary>The measurements of one server in one run: the medians of its rounds and starts. Times are microseconds, memory is in bytes.</summary>
/// <param name="Cpu">For each request.</param>
/// <param name="OneConnectionP50">Above a direct call.</param>
/// <param name="LoadedMemory">The maximum after any round.</param>
internal sealed record CandidateRun(
    double RequestsPerSecond,
    double Cpu,
    double? Instructions,
    double? ContextSwitches,
    double? SystemCalls,
    double OneConnectionP50,
    double FixedRateP99,
    double FirstResponse,
    double SlowestOfFirstTwenty,
    double IdleMemory,
    double LoadedMemory);
