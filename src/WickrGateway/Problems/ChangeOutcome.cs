namespace WickrGateway.Problems;

/// <summary>What is known of the change at the end of a call.</summary>
internal enum ChangeOutcome
{
    /// <summary>Wickr said so with a 200.</summary>
    Applied,

    /// <summary>It has not happened.</summary>
    NotApplied,

    /// <summary>It may have happened: the same request with the same token is to be sent again.</summary>
    Unknown,
}
