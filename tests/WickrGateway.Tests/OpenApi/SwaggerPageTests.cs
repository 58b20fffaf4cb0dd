using Microsoft.Playwright;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.OpenApi;

/// <summary>The page, used in a real browser as an operator would.</summary>
public sealed class SwaggerPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Success = """{"message":"ok","successful":[{"userId":"1"},{"userId":"2"}],"failed":[]}""";

    /// <summary>The elements that are wider than the window, so that the page would have to be scrolled sideways.</summary>
    private const string TooWide =
        """
        document.documentElement.scrollWidth <= document.documentElement.clientWidth ? '' :
            [...document.querySelectorAll('#swagger-ui *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right).join('; ')
        """;

    [Fact]
    public async Task Desktop_browser_Sends_the_operation_and_forgets_the_key_at_a_reload()
    {
        await using var wickr = Responding();
        await using var gateway = GatewayHost.Start(wickr.Address);
        await using var browser = await chromium.OpenAsync(1280, 900);

        await UsePageAsync(browser, new Uri(gateway.Address, "/"), "page-desktop");

        Assert.Contains("\"userIds\":[\"1\",\"2\"]", wickr.Received[0].BodyText, StringComparison.Ordinal);
        Assert.Equal("{}{}", await browser.Page.EvaluateAsync<string>("JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie"));
        await browser.Page.ReloadAsync();
        await Assertions.Expect(browser.Page.Locator(".scheme-container .authorize.unlocked")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Phone_browser_Sends_the_operation()
    {
        await using var wickr = Responding();
        await using var gateway = GatewayHost.Start(wickr.Address);
        await using var browser = await chromium.OpenAsync(390, 844);

        await UsePageAsync(browser, new Uri(gateway.Address, "/swagger"), "page-phone");
    }

    [Fact]
    public async Task PathBase_is_set_Page_sends_the_operation()
    {
        await using var wickr = Responding();
        await using var gateway = GatewayHost.Start(wickr.Address, new(StringComparer.Ordinal) { ["PathBase"] = "/wickr" });
        await using var browser = await chromium.OpenAsync(1280, 900);

        await UsePageAsync(browser, new Uri(gateway.Address, "/wickr"), "page-path-base");
    }

    [Fact]
    public async Task Proxy_strips_its_prefix_Page_sends_the_operation()
    {
        await using var wickr = Responding();
        await using var gateway = GatewayHost.Start(wickr.Address, new(StringComparer.Ordinal) { ["FORWARDEDHEADERS_ENABLED"] = "true" });
        await using var proxy = await StrippingProxy.StartAsync("/edge", gateway.Address);
        await using var browser = await chromium.OpenAsync(1280, 900);

        await UsePageAsync(browser, new Uri(proxy.Address, "/edge"), "page-forwarded-prefix");
    }

    [Fact]
    public async Task Link_is_followed_Shows_its_section_and_a_token_is_sent_as_bearer()
    {
        await using var wickr = new ScriptedUpstream();
        await using var gateway = GatewayHost.Start(wickr.Address);
        await using var browser = await chromium.OpenAsync(1280, 900);
        await browser.Page.GotoAsync(new Uri(gateway.Address, "/swagger/index.html#/Suspend%20status/suspendStatus").AbsoluteUri);
        await Assertions.Expect(browser.Page.Locator(".opblock.is-open")).ToBeInViewportAsync();

        await browser.Page.Locator(".info").GetByRole(AriaRole.Link, new() { Name = "Retries" }).ClickAsync();
        await Assertions.Expect(browser.Page.Locator("#retries + h2, h2:has-text('Retries')").First).ToBeInViewportAsync();

        await AuthorizeAsync(browser.Page, "bearer", "header.payload.signature");
        var sent = await browser.Page.RunAndWaitForRequestAsync(() => browser.Page.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync(), request => request.Method == "POST");

        Assert.Equal("Bearer header.payload.signature", await sent.HeaderValueAsync("authorization"));
        await Assertions.Expect(Response(browser.Page)).ToContainTextAsync("401");
    }

    private static ScriptedUpstream Responding() => new ScriptedUpstream().Then(200, Success, "Content-Type: application/json", "x-amzn-RequestId: req-1");

    private static async Task UsePageAsync(Browser browser, Uri address, string screenshot)
    {
        var page = browser.Page;
        await page.GotoAsync(address.AbsoluteUri);
        await Assertions.Expect(page.Locator(".opblock.is-open")).ToHaveCountAsync(1);

        await AuthorizeAsync(page, "apiKey", GatewayHost.LimitedKey);
        await browser.ScreenshotAsync($"{screenshot}-opened");
        var execute = page.GetByRole(AriaRole.Button, new() { Name = "Execute" });
        await execute.ClickAsync();

        await Assertions.Expect(Response(page)).ToContainTextAsync("200");
        await Assertions.Expect(Response(page)).ToContainTextAsync("successful");
        await Assertions.Expect(page.Locator(".request-url")).ToContainTextAsync($"{page.Url[..page.Url.IndexOf("/swagger", StringComparison.Ordinal)]}/networks/12345678/users/suspend-status");
        await Assertions.Expect(page.Locator(".live-responses-table")).ToContainTextAsync("Request duration");
        await Response(page).ScrollIntoViewIfNeededAsync();
        await browser.ScreenshotAsync($"{screenshot}-success");

        await page.GetByPlaceholder("networkId").FillAsync("87654321");
        await execute.ClickAsync();

        await Assertions.Expect(Response(page)).ToContainTextAsync("urn:wickr-gateway:forbidden");
        await browser.ScreenshotAsync($"{screenshot}-refusal");
        Assert.Equal("", await page.EvaluateAsync<string>(TooWide));
        Assert.True(!browser.Errors("403").Any(), string.Join(Environment.NewLine, browser.Errors("403")));
        Assert.All(browser.Requests, request => Assert.StartsWith(new Uri(address, "/").AbsoluteUri, request, StringComparison.Ordinal));
    }

    private static async Task AuthorizeAsync(IPage page, string scheme, string credential)
    {
        await page.Locator(".scheme-container .authorize").ClickAsync();
        var form = page.Locator(".auth-container", new() { HasText = scheme });
        await form.Locator("input").FillAsync(credential);
        await form.GetByRole(AriaRole.Button, new() { Name = "Apply credentials" }).ClickAsync();
        await page.Locator(".modal-ux .close-modal").ClickAsync();
    }

    private static ILocator Response(IPage page) => page.Locator(".live-responses-table");
}
