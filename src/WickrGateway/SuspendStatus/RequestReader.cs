using System.Globalization;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Connections;
using WickrGateway.NetworkOperations;
using WickrGateway.Problems;
using WickrGateway.Wickr;

namespace WickrGateway.SuspendStatus;

/// <summary>Reads a request and checks it whole: media type (415), size (413), then headers and body (400).</summary>
internal sealed class RequestReader(WickrOptions options, BodyBudget budget)
{
    public const string TimeoutHeader = "X-Request-Timeout";

    private const string Json = "application/json";

    /// <summary>Either a valid request, or how its reading ended.</summary>
    public async Task<(ValidatedRequest? Request, OperationEnd? Refusal)> ReadAsync(string networkId, HttpRequest request, RequestShape shape, CancellationToken aborted)
    {
        if (CheckMediaType(request) is { Any: true } mediaErrors)
            return Refuse(ProblemCatalog.UnsupportedMediaType(mediaErrors));

        if (request.ContentLength > shape.MaxLength)
            return Refuse(ProblemCatalog.BodyTooLarge(shape.MaxLength));

        // A chunked body does not say how long it will be.
        var reserved = request.ContentLength ?? shape.MaxLength;
        if (!budget.TryReserve(reserved))
            return Refuse(ProblemCatalog.TooManyBodies());

        try
        {
            var body = await ReadBodyAsync(request.BodyReader, shape, aborted);
            if (body.Buffer.Length <= shape.MaxLength)
                return Validate(networkId, request, shape, body);

            // Kestrel reads what follows; it cannot while this reader holds the buffer.
            request.BodyReader.AdvanceTo(body.Buffer.End);
            return Refuse(ProblemCatalog.BodyTooLarge(shape.MaxLength));
        }
        catch (BadHttpRequestException unreadable)
        {
            return Refuse(unreadable.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => ProblemCatalog.BodyTooSlow(),
                StatusCodes.Status413PayloadTooLarge => ProblemCatalog.BodyTooLarge(shape.MaxLength),
                _ => ProblemCatalog.UnreadableBody(),
            });
        }
        catch (Exception disconnected) when (disconnected is ConnectionResetException or OperationCanceledException || (disconnected is IOException && aborted.IsCancellationRequested))
        {
            return (null, OperationEnd.Disconnected);
        }
        catch (IOException)
        {
            // A chunk size that no number can hold.
            return Refuse(ProblemCatalog.UnreadableBody());
        }
        finally
        {
            budget.Release(reserved);
        }
    }

    private (ValidatedRequest? Request, OperationEnd? Refusal) Validate(string networkId, HttpRequest request, RequestShape shape, ReadResult read)
    {
        var errors = new ValidationErrors();
        var timeLimit = ReadTimeLimit(request, errors);
        var body = BodyReader.Read(read.Buffer.IsSingleSegment ? read.Buffer.FirstSpan : System.Buffers.BuffersExtensions.ToArray(read.Buffer), shape, errors);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return errors.Any
            ? Refuse(ProblemCatalog.InvalidRequest(errors))
            : (new ValidatedRequest(networkId, body.Suspend, body.UserIds, body.ClientToken, timeLimit, body.Reason), null);
    }

    private static (ValidatedRequest? Request, OperationEnd? Refusal) Refuse(GatewayProblem problem) => (null, OperationEnd.Refused(problem));

    private static async Task<ReadResult> ReadBodyAsync(PipeReader body, RequestShape shape, CancellationToken aborted)
    {
        while (true)
        {
            var read = await body.ReadAsync(aborted);
            if (read.IsCompleted || read.Buffer.Length > shape.MaxLength)
                return read;

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ValidationErrors CheckMediaType(HttpRequest request)
    {
        var errors = new ValidationErrors();
        if (request.ContentType != Json && !IsJson(request.ContentType))
            errors.Add("Content-Type", "must be application/json in UTF-8");

        if (request.Headers.ContentEncoding.Any(encoding => !"identity".Equals(encoding, StringComparison.OrdinalIgnoreCase)))
            errors.Add("Content-Encoding", "is not supported; send the body without compression");

        return errors;
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && Json.Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)
        && type.Parameters.All(parameter => !"charset".Equals(parameter.Name, StringComparison.OrdinalIgnoreCase) || "utf-8".Equals(parameter.Value?.Trim('"'), StringComparison.OrdinalIgnoreCase));

    private TimeSpan? ReadTimeLimit(HttpRequest request, ValidationErrors errors)
    {
        var values = request.Headers[TimeoutHeader];
        if (values.Count == 0)
            return null;

        var max = (int)options.TotalTimeout.TotalSeconds;
        if (values is [{ Length: > 0 and <= 6 } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1 && seconds <= max)
            return TimeSpan.FromSeconds(seconds);

        errors.Add(TimeoutHeader, $"must be one whole number of seconds from 1 to {max}");
        return null;
    }
}
