using WickrGateway.Audit;
using WickrGateway.NetworkOperations;
using WickrGateway.Problems;

namespace WickrGateway.SuspendStatus.Bulk;

/// <summary>Counts what happened to the users of a bulk request.</summary>
internal sealed class BulkProgress(int users)
{
    private int _successful;
    private int _failed;
    private int _unknown;

    /// <param name="userIds">Of the batch.</param>
    public void Add(IReadOnlyList<string> userIds, OperationEnd end)
    {
        if (end.Wickr is { IsSuccess: true, Users: { } results })
        {
            var (successful, failed) = (IdsOf(results.Successful), IdsOf(results.Failed));
            _successful += userIds.Count(successful.Contains);
            _failed += userIds.Count(id => failed.Contains(id) && !successful.Contains(id));
            // Wickr says nothing about them.
            _unknown += userIds.Count(id => !failed.Contains(id) && !successful.Contains(id));
        }
        else if (end.Problem?.Outcome != ChangeOutcome.NotApplied)
        {
            _unknown += userIds.Count;
        }
    }

    /// <param name="stopped">See <see cref="BulkSummary"/>.</param>
    public BulkSummary Summarize(string? stopped) => new(users, _successful, _failed, _unknown, users - _successful - _failed - _unknown, stopped);

    private static HashSet<string?> IdsOf(IReadOnlyList<Wickr.UserResult>? users) => (users ?? []).Select(user => user.UserId).ToHashSet(StringComparer.Ordinal);
}
