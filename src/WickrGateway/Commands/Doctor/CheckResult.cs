namespace WickrGateway.Commands.Doctor;

internal enum CheckStatus
{
    Pass,

    /// <summary>The gateway works, but something is worth a look.</summary>
    Warn,

    /// <summary>The gateway does not start, or calls fail.</summary>
    Fail,

    /// <summary>Not checked.</summary>
    Skip,
}

/// <summary>How a check ended. No text has a secret: names, addresses, AWS's codes and types of exceptions only.</summary>
/// <param name="Remedy">What to do; null where there is nothing to do.</param>
internal sealed record CheckResult(CheckStatus Status, string Message, string? Remedy = null)
{
    /// <summary>The name of the check that failed, for one that was skipped because of it.</summary>
    public string? SkippedBecause { get; init; }

    /// <summary>More lines, each about one thing.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    public static CheckResult Pass(string message) => new(CheckStatus.Pass, message);

    public static CheckResult Warn(string message, string remedy) => new(CheckStatus.Warn, message, remedy);

    public static CheckResult Fail(string message, string remedy) => new(CheckStatus.Fail, message, remedy);

    public static CheckResult Skip(string message) => new(CheckStatus.Skip, message);
}

/// <summary>A check that runs or has ended.</summary>
/// <param name="Name">Such as <c>network</c>; one of a fixed set.</param>
/// <param name="Subject">What of several is checked; null where there is only one.</param>
internal sealed record Check(string Name, string? Subject, Task<CheckResult> Result)
{
    public string Title => Subject is null ? Name : $"{Name} {Subject}";
}
