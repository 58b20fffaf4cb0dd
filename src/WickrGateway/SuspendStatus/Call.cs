using WickrGateway.Callers;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What is known so far of a call: filled on the way in, read by whoever writes about it on the way out.</summary>
internal sealed class Call
{
    /// <summary>A timestamp of the <see cref="TimeProvider"/>: when the judgement began.</summary>
    public long Begun { get; set; }

    public Caller? Caller { get; set; }

    /// <summary>What counted; there is one without a caller when a good token is nobody's here.</summary>
    public Credential? Credential { get; set; }

    /// <summary>As in the path, which need not be a network id.</summary>
    public string? NetworkId { get; set; }

    public ValidatedRequest? Read { get; set; }

    public WickrCallResult? Result { get; set; }

    public GatewayProblem? Problem { get; set; }

    public static Call Of(HttpContext context)
    {
        if (context.Features.Get<Call>() is not { } call)
            context.Features.Set(call = new Call());

        return call;
    }
}
