using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace WickrGateway.Tests.OpenApi;

/// <summary>A page of chromium, with a record of its errors and requests.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _requests = new();

    public Browser(IPage page)
    {
        Page = page;
        page.SetDefaultTimeout(20_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _errors.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.RequestFailed += (_, request) => _errors.Enqueue($"{request.Url}: {request.Failure}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal))
                _requests.Enqueue(request.Url);
        };
    }

    public IPage Page { get; }

    public IReadOnlyCollection<string> Requests => _requests;

    /// <param name="expectedStatus">Chromium reports every response of 400 and above as an error; this status is expected.</param>
    public IEnumerable<string> Errors(string expectedStatus) =>
        _errors.Where(error => !error.StartsWith($"Failed to load resource: the server responded with a status of {expectedStatus}", StringComparison.Ordinal));

    /// <summary>For review by eye; taken only when SCREENSHOTS names a folder.</summary>
    public async Task ScreenshotAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
    }

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
