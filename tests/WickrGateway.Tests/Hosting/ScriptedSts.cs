using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace WickrGateway.Tests.Hosting;

/// <summary>An STS that lets every role be assumed, for as long as it was asked, and records the requests.</summary>
internal sealed class ScriptedSts : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private int _sessions;

    public ScriptedSts(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Upstream.ThenAlways(Assume);
    }

    public ScriptedUpstream Upstream { get; } = new();

    /// <summary>The form of each request.</summary>
    public IReadOnlyList<Dictionary<string, string>> Requests => [.. Upstream.Received.Select(request => Form(request))];

    public static string Error(int status, string code) => Response(
        status, $"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>secret-detail</Message></Error><RequestId>r</RequestId></ErrorResponse>");

    public ValueTask DisposeAsync() => Upstream.DisposeAsync();

    private static Dictionary<string, string> Form(ReceivedRequest request) => QueryHelpers.ParseQuery(request.BodyText).ToDictionary(field => field.Key, field => field.Value.ToString());

    private static string Response(int status, string xml) =>
        $"HTTP/1.1 {status} {(HttpStatusCode)status}\r\nContent-Type: text/xml\r\nContent-Length: {xml.Length}\r\n\r\n{xml}";

    /// <summary>A session, for the request as it is.</summary>
    public string Assume(ReceivedRequest request)
    {
        var number = Interlocked.Increment(ref _sessions);
        var form = Form(request);
        var end = (_time.GetUtcNow() + TimeSpan.FromSeconds(int.Parse(form["DurationSeconds"], CultureInfo.InvariantCulture))).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return Response(200, $"""
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:B</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>
            <Credentials><AccessKeyId>ASIASESSION{number}</AccessKeyId><SecretAccessKey>secret-of-session</SecretAccessKey><SessionToken>token-of-session-{number}</SessionToken><Expiration>{end}</Expiration></Credentials></AssumeRoleResult>
            <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>
            """);
    }
}
