using System.Diagnostics;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary>The response to one request of a caller.</summary>
/// <param name="Kind"><c>200</c>, a problem's type without its prefix, <c>connection lost</c> or <c>client time-out</c>.</param>
/// <param name="Outcome"><c>applied</c>, <c>not-applied</c> or <c>unknown</c>.</param>
internal sealed record ChaosResponse(string Kind, string Outcome, TimeSpan Duration)
{
    /// <summary>As <see cref="Stopwatch"/> counts.</summary>
    public long EndTimestamp { get; } = Stopwatch.GetTimestamp();
}

/// <summary>A change that a caller requests, with all its responses; it is sent with the same token until its outcome is known.</summary>
internal sealed class ChaosCall(int userId, bool suspend, string token)
{
    public int UserId { get; } = userId;

    public bool Suspend { get; } = suspend;

    public string Token { get; } = token;

    /// <summary>Of the first request, as <see cref="Stopwatch"/> counts.</summary>
    public long StartTimestamp { get; } = Stopwatch.GetTimestamp();

    /// <summary>Of the last response, as <see cref="Stopwatch"/> counts.</summary>
    public long EndTimestamp { get; set; } = long.MaxValue;

    public List<ChaosResponse> Responses { get; } = [];

    public bool IsReportedApplied => Responses.Exists(response => response.Outcome == "applied");

    /// <summary>Only if all responses agree: after an <c>unknown</c>, a later <c>not-applied</c> says nothing about the earlier request.</summary>
    public bool IsReportedNotApplied => Responses.Count > 0 && Responses.TrueForAll(response => response.Outcome == "not-applied");

    public bool IsOpen => !IsReportedApplied && !IsReportedNotApplied;
}
