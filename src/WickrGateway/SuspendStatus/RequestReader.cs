using System.Globalization;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>What a request that passed every rule asks for, and the wishes in its headers.</summary>
/// <param name="TimeLimit">The caller's shorter total time, from <c>X-Request-Timeout</c>.</param>
/// <param name="AuditReason">From <c>X-Audit-Reason</c>; for the audit only, never forwarded.</param>
internal sealed record ValidatedRequest(SuspendStatusRequest Request, TimeSpan? TimeLimit, string? AuditReason);

/// <summary>Reads and judges a request whole: media type, size, headers, path and body, in that order of answers (415, 413, 400).</summary>
internal sealed class RequestReader(WickrOptions options)
{
    public const string TimeoutHeader = "X-Request-Timeout";
    public const string AuditReasonHeader = "X-Audit-Reason";

    public async Task<(ValidatedRequest? Request, GatewayProblem? Problem)> ReadAsync(string networkId, HttpRequest request, CancellationToken aborted)
    {
        if (!IsPlainJson(request, out var mediaFault))
            return (null, ProblemCatalog.InvalidRequest(StatusCodes.Status415UnsupportedMediaType, mediaFault));

        if (request.ContentLength > BodyReader.MaxLength)
            return (null, TooLarge());

        var read = await ReadBodyAsync(request.BodyReader, aborted);
        if (read.Buffer.Length > BodyReader.MaxLength)
            return (null, TooLarge());

        var faults = new Faults();
        if (!WickrIds.IsNetworkId(networkId))
            faults.Add("networkId", $"must be exactly {WickrIds.NetworkIdLength} digits 0-9");

        var timeLimit = TimeLimit(request, faults);
        var reason = AuditReason(request, faults);
        var body = BodyReader.Read(read.Buffer.IsSingleSegment ? read.Buffer.FirstSpan : System.Buffers.BuffersExtensions.ToArray(read.Buffer), faults);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        if (faults.Any)
            return (null, ProblemCatalog.InvalidRequest(StatusCodes.Status400BadRequest, faults));

        var token = body.ClientToken ?? Guid.NewGuid().ToString();
        return (new ValidatedRequest(new SuspendStatusRequest(networkId, body.Suspend, body.UserIds, token), timeLimit, reason), null);
    }

    private static GatewayProblem TooLarge()
    {
        var faults = new Faults();
        faults.Add("$", $"is larger than {BodyReader.MaxLength} bytes");
        return ProblemCatalog.InvalidRequest(StatusCodes.Status413PayloadTooLarge, faults);
    }

    private static async Task<ReadResult> ReadBodyAsync(PipeReader body, CancellationToken aborted)
    {
        while (true)
        {
            var read = await body.ReadAsync(aborted);
            if (read.IsCompleted || read.Buffer.Length > BodyReader.MaxLength)
                return read;

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsPlainJson(HttpRequest request, out Faults faults)
    {
        faults = new Faults();
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !"application/json".Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)
            || type.Parameters.Any(parameter => "charset".Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)
                && !"utf-8".Equals(parameter.Value?.Trim('"'), StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add("Content-Type", "must be application/json, in UTF-8");
        }

        if (request.Headers.ContentEncoding.Any(encoding => !"identity".Equals(encoding, StringComparison.OrdinalIgnoreCase)))
            faults.Add("Content-Encoding", "is not supported; send the body as it is");

        return !faults.Any;
    }

    private TimeSpan? TimeLimit(HttpRequest request, Faults faults)
    {
        var values = request.Headers[TimeoutHeader];
        if (values.Count == 0)
            return null;

        var most = (int)options.TotalTimeout.TotalSeconds;
        if (values is [{ Length: > 0 and <= 6 } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1 && seconds <= most)
            return TimeSpan.FromSeconds(seconds);

        faults.Add(TimeoutHeader, $"must be a whole number of seconds from 1 to {most}, once");
        return null;
    }

    private static string? AuditReason(HttpRequest request, Faults faults)
    {
        var values = request.Headers[AuditReasonHeader];
        if (values.Count == 0)
            return null;

        if (values is [{ } reason] && SuspendStatusRules.IsAuditReason(reason))
            return reason;

        faults.Add(AuditReasonHeader, $"must be 1 to {SuspendStatusRules.MaxAuditReasonLength} printable characters, once");
        return null;
    }
}
