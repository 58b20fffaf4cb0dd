using System.Text;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>Wickr's operation BatchToggleUserSuspendStatus. Despite its name it sets the state, so a repeat is safe.</summary>
internal static class BatchToggleUserSuspendStatus
{
    public static readonly WickrOperation Operation = new("BatchToggleUserSuspendStatus", HttpMethod.Patch, "/networks/{networkId}/users/toggleSuspend", IsIdempotent: true);

    /// <summary>Ids and token only have characters that need no escaping, in the path and in JSON.</summary>
    public static WickrRequest CreateRequest(ValidatedRequest request) => new(
        Operation,
        request.NetworkId,
        $"/networks/{request.NetworkId}/users/toggleSuspend?suspend={(request.Suspend ? "true" : "false")}",
        Encoding.ASCII.GetBytes($"{{\"userIds\":[\"{string.Join("\",\"", request.UserIds)}\"]}}"),
        request.Change.ClientToken);
}
