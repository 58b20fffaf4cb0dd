using System.Globalization;
using System.Text;
using System.Xml.Linq;
using WickrSimulator.Aws;
using WickrSimulator.Signing;

namespace WickrSimulator.Sts;

/// <summary>The responses of STS.</summary>
internal static class StsXml
{
    private static readonly XNamespace Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <summary>Services of the Query protocol have other names for the refusals of AWS's front door.</summary>
    public static AwsError InQueryTerms(AwsError refusal) => refusal with
    {
        Type = refusal.Type switch
        {
            "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
            "UnrecognizedClientException" => "InvalidClientTokenId",
            "InvalidSignatureException" => "SignatureDoesNotMatch",
            "IncompleteSignatureException" => "IncompleteSignature",
            "ExpiredTokenException" => "ExpiredToken",
            var other => other,
        },
    };

    public static Task WriteAsync(HttpContext context, AwsError error)
    {
        var requestId = Guid.NewGuid().ToString();
        return WriteAsync(context, error.Status, requestId, new XElement(
            Namespace + "ErrorResponse",
            new XElement(Namespace + "Error", Element("Type", "Sender"), Element("Code", error.Type), Element("Message", error.Message)),
            Element("RequestId", requestId)));
    }

    public static Task WriteSessionAsync(HttpContext context, Role role, SigningCredential credential)
    {
        var session = credential.Session!;
        return WriteResultAsync(
            context,
            "AssumeRole",
            new XElement(
                Namespace + "Credentials",
                Element("AccessKeyId", credential.AccessKeyId),
                Element("SecretAccessKey", credential.SecretAccessKey),
                Element("SessionToken", credential.SessionToken!),
                Element("Expiration", session.Expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))),
            new XElement(Namespace + "AssumedRoleUser", Element("AssumedRoleId", $"AROASIMULATOR:{session.Name}"), Element("Arn", role.SessionArn(session.Name))),
            session.SourceIdentity is { } source ? Element("SourceIdentity", source) : null);
    }

    public static Task WriteCallerIdentityAsync(HttpContext context, string arn, string account, string userId) =>
        WriteResultAsync(context, "GetCallerIdentity", Element("Arn", arn), Element("UserId", userId), Element("Account", account));

    private static Task WriteResultAsync(HttpContext context, string action, params XElement?[] content)
    {
        var requestId = Guid.NewGuid().ToString();
        return WriteAsync(context, StatusCodes.Status200OK, requestId, new XElement(
            Namespace + $"{action}Response",
            new XElement(Namespace + $"{action}Result", content),
            new XElement(Namespace + "ResponseMetadata", Element("RequestId", requestId))));
    }

    private static async Task WriteAsync(HttpContext context, int status, string requestId, XElement xml)
    {
        var body = Encoding.UTF8.GetBytes(xml.ToString(SaveOptions.DisableFormatting));
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/xml";
        context.Response.ContentLength = body.Length;
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static XElement Element(string name, string value) => new(Namespace + name, value);
}
