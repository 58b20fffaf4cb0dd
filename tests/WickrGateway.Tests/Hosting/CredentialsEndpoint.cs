using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace WickrGateway.Tests.Hosting;

/// <summary>Issues credentials as AWS's endpoints do, new ones each time: <c>AKID1</c>, <c>AKID2</c>, ….</summary>
internal sealed class CredentialsEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = new();
    private int _issued;

    private CredentialsEndpoint(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary><c>METHOD /path</c>, and the authorization that was sent with it.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public int Issued => _issued;

    /// <param name="respond">The response to a request, with the n-th credentials.</param>
    public static async Task<CredentialsEndpoint> StartAsync(Func<HttpRequest, int, string> respond)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var endpoint = new CredentialsEndpoint(builder.Build());
        endpoint._app.Run(async context =>
        {
            endpoint._requests.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Authorization}".Trim());
            var number = endpoint._issued + 1;
            var text = respond(context.Request, number);
            if (text.Contains($"AKID{number}", StringComparison.Ordinal))
                Interlocked.Increment(ref endpoint._issued);

            await context.Response.WriteAsync(text);
        });
        await endpoint._app.StartAsync();
        return endpoint;
    }

    /// <summary>The JSON of container endpoints and instance metadata.</summary>
    public static string Json(int number, TimeSpan? validFor = null) =>
        $$"""{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"AKID{{number}}","SecretAccessKey":"secret{{number}}","Token":"token{{number}}","LastUpdated":"{{In(TimeSpan.Zero)}}","Expiration":"{{In(validFor ?? TimeSpan.FromHours(1))}}"}""";

    /// <summary>The XML of STS's AssumeRole and AssumeRoleWithWebIdentity.</summary>
    public static string AssumeRole(string action, int number, TimeSpan validFor) => $"""
        <{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
        <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>r:s</AssumedRoleId></AssumedRoleUser>
        <Credentials><AccessKeyId>AKID{number}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token{number}</SessionToken><Expiration>{In(validFor)}</Expiration></Credentials>
        </{action}Result></{action}Response>
        """;

    public static string In(TimeSpan span) => (DateTimeOffset.UtcNow + span).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
