namespace WickrGateway.Callers;

/// <summary>What a caller can be granted to do. Also the names in settings, audit and metrics.</summary>
internal static class CallerActions
{
    public const string Suspend = "suspend";
    public const string Unsuspend = "unsuspend";

    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<string> All { get; } = [Suspend, Unsuspend];

    public static string Of(bool suspend) => suspend ? Suspend : Unsuspend;
}
