using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using WickrSimulator.Aws;
using WickrSimulator.Signing;

namespace WickrSimulator.Sts;

/// <summary>AWS's token service: AssumeRole and GetCallerIdentity of STS 2011-06-15, in the Query protocol that all of AWS's clients speak.</summary>
internal sealed partial class StsEndpoint(SignatureVerifier verifier, CredentialStore credentials, IReadOnlyList<Role> roles)
{
    private const string Account = "123456789012";
    private const int MinDuration = 900;
    private const int MaxDuration = 43_200;
    private const int DefaultDuration = 3600;

    /// <summary>In seconds; for a role that is assumed with a session of another one.</summary>
    private const int MaxChainedDuration = 3600;

    public async Task HandleAsync(HttpContext context)
    {
        if (await SignedRequest.ReadAsync(context) is not { } request)
        {
            await StsXml.WriteAsync(context, new AwsError(StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLarge", "The body exceeds the simulator's limit."));
            return;
        }

        var (signer, refusal) = verifier.Verify(request, "sts");
        if (signer is null)
        {
            await StsXml.WriteAsync(context, StsXml.InQueryTerms(refusal!));
            return;
        }

        var form = QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(request.Body));
        switch (Value(form, "Action"))
        {
            case "AssumeRole":
                await AssumeRoleAsync(context, form, signer.Credential);
                break;
            case "GetCallerIdentity":
                await StsXml.WriteCallerIdentityAsync(context, ArnOf(signer.Credential), AccountOf(signer.Credential), signer.Credential.AccessKeyId);
                break;
            default:
                await StsXml.WriteAsync(context, Invalid("InvalidAction", "The simulator has AssumeRole and GetCallerIdentity."));
                break;
        }
    }

    private async Task AssumeRoleAsync(HttpContext context, Dictionary<string, StringValues> form, SigningCredential signer)
    {
        var isChained = signer.Session is not null;
        var (name, sourceIdentity, duration) = (Value(form, "RoleSessionName"), Value(form, "SourceIdentity"), ReadDuration(Value(form, "DurationSeconds")));
        if (name is null || !NamePattern().IsMatch(name) || (sourceIdentity is not null && !NamePattern().IsMatch(sourceIdentity)))
            await StsXml.WriteAsync(context, Invalid("ValidationError", @"RoleSessionName is required; it and SourceIdentity must satisfy [\w+=,.@-]{2,64}"));
        else if (duration is null || (isChained && duration > MaxChainedDuration))
            await StsXml.WriteAsync(context, Invalid("ValidationError", isChained ? "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining" : "DurationSeconds must be from 900 to 43200"));
        else if (roles.FirstOrDefault(role => role.Arn == Value(form, "RoleArn")) is { } role && (role.ExternalId is null || role.ExternalId == Value(form, "ExternalId")))
            // As at AWS, a source identity stays through further roles.
            await StsXml.WriteSessionAsync(context, role, credentials.Create(role.Arn, name, signer.Session?.SourceIdentity ?? sourceIdentity, TimeSpan.FromSeconds(duration.Value)));
        else
            await StsXml.WriteAsync(context, AwsError.Forbidden("AccessDenied", $"User: {ArnOf(signer)} is not authorized to perform: sts:AssumeRole on resource: {Value(form, "RoleArn")}"));
    }

    /// <summary>Null when it is not a number in range.</summary>
    private static int? ReadDuration(string? text) =>
        text is null ? DefaultDuration : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= MinDuration and <= MaxDuration ? seconds : null;

    private string ArnOf(SigningCredential signer) =>
        signer.Session is { } session ? roles.First(role => role.Arn == session.RoleArn).SessionArn(session.Name) : $"arn:aws:iam::{Account}:user/simulator";

    private string AccountOf(SigningCredential signer) => signer.Session is { } session ? roles.First(role => role.Arn == session.RoleArn).Account : Account;

    private static string? Value(Dictionary<string, StringValues> form, string name) => form.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

    private static AwsError Invalid(string code, string message) => new(StatusCodes.Status400BadRequest, code, message);

    [GeneratedRegex(@"\A[A-Za-z0-9_+=,.@-]{2,64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
