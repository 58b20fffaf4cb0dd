namespace WickrGateway.Problems;

/// <summary>What is known about the change at the end of a call.</summary>
internal enum ChangeOutcome
{
    /// <summary>Wickr confirmed it with a 200.</summary>
    Applied,

    /// <summary>This call changed nothing.</summary>
    NotApplied,

    /// <summary>It may have happened: the caller must send the same request with the same token again.</summary>
    Unknown,
}

internal static class ChangeOutcomes
{
    /// <summary>The name in problems, audit and metrics.</summary>
    public static string Name(this ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.Applied => "applied",
        ChangeOutcome.NotApplied => "not-applied",
        _ => "unknown",
    };
}
