using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace WickrGateway.Tests.OpenApi;

/// <summary>Debian's chromium with one page, which keeps what the page complains of and whom it asks. Skips the test where there is none.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        (_playwright, _browser, Page) = (playwright, browser, page);
        page.SetDefaultTimeout(20_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.RequestFailed += (_, request) => _complaints.Enqueue($"{request.Url}: {request.Failure}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal))
                _asked.Enqueue(request.Url);
        };
    }

    public IPage Page { get; }

    public IReadOnlyCollection<string> Asked => _asked;

    public static async Task<Browser> StartAsync(int width, int height)
    {
        Assert.SkipUnless(File.Exists(Executable), $"{Executable} is not installed");
        Assertions.SetDefaultExpectTimeout(20_000);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height } });
        return new Browser(playwright, browser, page);
    }

    /// <param name="expectedStatus">Chromium complains of every answer of 400 and above; this one is meant.</param>
    public IEnumerable<string> Complaints(string expectedStatus) =>
        _complaints.Where(complaint => !complaint.StartsWith($"Failed to load resource: the server responded with a status of {expectedStatus}", StringComparison.Ordinal));

    /// <summary>For people to look at; taken only when a folder is named for it.</summary>
    public async Task ScreenshotAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
