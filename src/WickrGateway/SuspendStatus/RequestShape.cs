using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>How many users one request may name.</summary>
/// <param name="MaxUserIds">The ids beyond it are only counted.</param>
/// <param name="MaxLength">Of the body, in bytes.</param>
/// <param name="IsDistinct">Whether a repeated id is an error, or is passed on.</param>
internal sealed record RequestShape(int MaxUserIds, int MaxLength, bool IsDistinct)
{
    /// <summary>One call of Wickr's operation; its ids and token need far less than the length.</summary>
    public static RequestShape Single { get; } = new(WickrIds.MaxUserIds, 64 * 1024, IsDistinct: false);

    /// <summary>A list that is sent in batches.</summary>
    public static RequestShape Bulk { get; } = new(5000, 256 * 1024, IsDistinct: true);
}
