using System.Security.Cryptography;
using System.Text;
using WickrGateway.Audit;
using WickrGateway.Callers;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus.Bulk;

/// <summary>A part of a bulk request, which is sent as a change of its own.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Of">The number of batches.</param>
internal sealed record BulkBatch(int Number, int Of, ChangeCall Call)
{
    public bool IsLast => Number == Of;

    /// <summary>In the order of the list.</summary>
    public static IEnumerable<BulkBatch> Split(ChangeCall call)
    {
        var of = (call.Request.UserIds.Count + WickrIds.MaxUserIds - 1) / WickrIds.MaxUserIds;
        return call.Request.UserIds.Chunk(WickrIds.MaxUserIds).Select((ids, index) => Create(call, ids, index + 1, of));
    }

    private static BulkBatch Create(ChangeCall call, string[] ids, int number, int of)
    {
        var whole = call.Request;
        var token = DeriveToken(call.Change.ClientToken, whole.NetworkId, call.Change.Action, ids);
        var request = new ValidatedRequest(whole.NetworkId, whole.Suspend, ids, token, whole.TimeLimit, whole.Reason);
        var change = request.Change with { Region = call.Change.Region, Session = call.Change.Session, Bulk = new BulkPosition(call.Change.ClientToken, number, of) };
        return new BulkBatch(number, of, call with { Request = request, Change = change });
    }

    /// <summary>The same for the same users of the same request, whenever it is sent: so a repeat resumes, and no token stands for two changes.</summary>
    /// <param name="action">One of <see cref="CallerActions.Changes"/>.</param>
    internal static string DeriveToken(string clientToken, string networkId, string action, IEnumerable<string> ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [clientToken, networkId, action, .. ids]))));
}
