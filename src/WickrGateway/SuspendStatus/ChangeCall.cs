using WickrGateway.Audit;
using WickrGateway.Policy;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>A request that may be made, as far as the caller's grants go.</summary>
/// <param name="Change">The request's, with where it is sent.</param>
internal sealed record ChangeCall(RequestOrigin Origin, ValidatedRequest Request, RequestedChange Change, WickrDestination Destination)
{
    public ChangeRequest ToChangeRequest() => new(Origin.Caller!, Request.NetworkId, Request.Suspend, Request.UserIds);
}
