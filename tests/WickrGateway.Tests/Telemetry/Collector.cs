using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WickrGateway.Tests.Telemetry;

/// <summary>Records what is sent over OTLP (HTTP, protobuf).</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private Collector()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]);
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue((request.Path, body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
    }

    public Uri Address => new(_app.Urls.First());

    public IReadOnlyList<string> Paths => [.. _received.Select(received => received.Path)];

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>All bytes received for a signal, as Latin-1.</summary>
    public string Text(string signal) => string.Concat(_received.Where(received => received.Path == $"/v1/{signal}").Select(received => Encoding.Latin1.GetString(received.Body)));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
