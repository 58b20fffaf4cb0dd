using Microsoft.Playwright;

namespace WickrGateway.Tests.OpenApi;

/// <summary>Debian's chromium, started once for all tests of a class. Skips a test where it is not installed.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            return;

        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();

        _playwright?.Dispose();
    }

    /// <summary>A page with storage and cache of its own.</summary>
    /// <remarks>A narrow page is a phone's: as wide as 980 px unless the page says that it fits.</remarks>
    internal async Task<Browser> OpenAsync(int width, int height)
    {
        Assert.SkipWhen(_browser is null, $"{Executable} is not installed");
        var isPhone = width < 600;
        return new Browser(await _browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, IsMobile = isPhone, HasTouch = isPhone }));
    }
}
