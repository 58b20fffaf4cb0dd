namespace WickrGateway.Callers;

/// <summary>What a caller can be granted to do. Also the names in settings, audit and metrics.</summary>
internal static class CallerActions
{
    public const string Suspend = "suspend";
    public const string Unsuspend = "unsuspend";

    /// <summary>Beside one of the other two: to change protected users as well.</summary>
    public const string Protected = "protected";

    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<string> All { get; } = [Suspend, Unsuspend, Protected];

    /// <summary>What a request can ask for.</summary>
    public static IReadOnlyList<string> Changes { get; } = [Suspend, Unsuspend];

    public static string Of(bool suspend) => suspend ? Suspend : Unsuspend;
}
