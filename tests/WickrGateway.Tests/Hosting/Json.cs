using System.Net.Http.Headers;
using System.Text;

namespace WickrGateway.Tests.Hosting;

internal static class Json
{
    /// <summary>A body as callers send it: <c>application/json</c> without a charset.</summary>
    public static ByteArrayContent Body(string json) => Body(Encoding.UTF8.GetBytes(json));

    public static ByteArrayContent Body(byte[] json) => new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
