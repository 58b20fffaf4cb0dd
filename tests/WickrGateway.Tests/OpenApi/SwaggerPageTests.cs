using Microsoft.Playwright;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.OpenApi;

/// <summary>The page, used in a real browser as an operator would.</summary>
public sealed class SwaggerPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Success = """{"message":"ok","successful":[{"userId":"1"},{"userId":"2"}],"failed":[]}""";

    private static readonly Uri Nowhere = new("http://127.0.0.1:9");

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
    public async Task Tokens_are_on_Page_sends_a_token_as_bearer()
    {
        await using var gateway = GatewayHost.Start(Nowhere, WithTokens());
        await using var browser = await OpenPageAsync(gateway, 1280, 800);

        await AuthorizeAsync(browser.Page, "bearer", "header.payload.signature");
        var sent = await browser.Page.RunAndWaitForRequestAsync(() => Execute(browser.Page).ClickAsync(), request => request.Method == "POST");

        Assert.Equal("Bearer header.payload.signature", await sent.HeaderValueAsync("authorization"));
        await Assertions.Expect(Response(browser.Page)).ToContainTextAsync("401");
    }

    [Fact]
    public async Task Tokens_are_off_Page_asks_for_a_key_only()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        await using var browser = await OpenPageAsync(gateway, 1280, 800);

        await browser.Page.Locator(".scheme-container .authorize").ClickAsync();

        await Assertions.Expect(browser.Page.Locator(".auth-container h4")).ToHaveTextAsync(["apiKey (apiKey)"]);
    }

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(390, 844)]
    public async Task Opened_page_Shows_the_form_on_its_first_screen(int width, int height)
    {
        await using var gateway = GatewayHost.Start(Nowhere, WithTokens());
        await using var browser = await OpenPageAsync(gateway, width, height);
        await browser.ScreenshotAsync($"first-screen-{width}");

        Assert.Equal(width, await browser.Page.EvaluateAsync<int>("innerWidth"));
        await Assertions.Expect(browser.Page.Locator(".opblock.is-open .opblock-summary")).ToBeInViewportAsync(new() { Ratio = 1 });
        await Assertions.Expect(browser.Page.GetByPlaceholder("networkId")).ToBeInViewportAsync(new() { Ratio = 1 });
        Assert.Equal("", await browser.Page.EvaluateAsync<string>(TooWide));
    }

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(390, 844)]
    public async Task Documented_responses_Are_shown_when_asked_for(int width, int height)
    {
        await using var wickr = Responding();
        await using var gateway = GatewayHost.Start(wickr.Address);
        await using var browser = await OpenPageAsync(gateway, width, height);
        var page = browser.Page;
        var documented = page.Locator(".opblock.is-open .responses-table:not(.live-responses-table)");
        var button = page.Locator(".opblock.is-open").GetByRole(AriaRole.Button, new() { Name = "Documented responses" });
        await Assertions.Expect(button).ToHaveAttributeAsync("aria-expanded", "false");
        await Assertions.Expect(documented).ToBeHiddenAsync();

        await AuthorizeAsync(page, "apiKey", GatewayHost.LimitedKey);
        await Execute(page).ClickAsync();
        await Assertions.Expect(Response(page)).ToContainTextAsync("successful");
        await Assertions.Expect(documented).ToBeHiddenAsync();
        // The heading of what is folded would stand over nothing.
        await Assertions.Expect(page.Locator(".responses-inner").GetByText("Responses", new() { Exact = true }).Locator("visible=true")).ToHaveCountAsync(0);

        await button.ClickAsync();
        await Assertions.Expect(documented).ToBeVisibleAsync();
        await Assertions.Expect(button).ToHaveAttributeAsync("aria-expanded", "true");
        await Assertions.Expect(documented).ToContainTextAsync("The body is larger than 64 KiB");
        Assert.Equal("", await page.EvaluateAsync<string>(TooWide));
        await documented.ScrollIntoViewIfNeededAsync();
        await browser.ScreenshotAsync($"documented-responses-{width}");

        await button.ClickAsync();
        await Assertions.Expect(documented).ToBeHiddenAsync();
        Assert.True(!browser.Errors("200").Any(), string.Join(Environment.NewLine, browser.Errors("200")));
    }

    [Fact]
    public async Task Links_Stay_in_the_page()
    {
        await using var gateway = GatewayHost.Start(Nowhere, WithTokens());
        await using var browser = await OpenPageAsync(gateway, 1280, 800);
        var page = browser.Page;
        var address = new Uri(page.Url).GetLeftPart(UriPartial.Path);
        var links = page.Locator("#swagger-ui a[href^='#']:not(.swagger-ui__skip-link)");
        var count = await links.CountAsync();
        Assert.True(count >= 5, $"{count} links: two tags and three operations");

        for (var index = 0; index < count; index++)
        {
            await page.GotoAsync("about:blank");
            await page.GotoAsync(address);
            await Assertions.Expect(links).ToHaveCountAsync(count);
            await page.EvaluateAsync("window.sameDocument = true");
            var link = links.Nth(index);
            Assert.Contains(await link.GetAttributeAsync("target"), (string?[])[null, "_self"]);
            await link.ClickAsync();
            Assert.Equal(address, new Uri(page.Url).GetLeftPart(UriPartial.Path));
            Assert.True(await page.EvaluateAsync<bool>("window.sameDocument"));
        }

        Assert.Single(page.Context.Pages);
        // Links to elsewhere open beside the page, which may hold a request that somebody has filled in.
        var others = page.Locator("#swagger-ui a[href]:not([href^='#'])");
        foreach (var link in await others.AllAsync())
        {
            Assert.Equal("_blank", await link.GetAttributeAsync("target"));
            Assert.Contains("noopener", await link.GetAttributeAsync("rel"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Link_to_an_operation_Opens_it()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        await using var browser = await chromium.OpenAsync(1280, 800);

        await browser.Page.GotoAsync(new Uri(gateway.Address, "/swagger/index.html#/Caller/whoAmI").AbsoluteUri);

        await Assertions.Expect(browser.Page.Locator("#operations-Caller-whoAmI.is-open")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Long_texts_Are_folded_and_open_by_click()
    {
        await using var gateway = GatewayHost.Start(Nowhere);
        await using var browser = await OpenPageAsync(gateway, 390, 844);
        var rates = browser.Page.Locator(".info details", new() { Has = browser.Page.Locator("summary", new() { HasText = "Rate limits" }) });
        var text = rates.GetByText("every authenticated request counts");
        await Assertions.Expect(text).ToBeHiddenAsync();

        await rates.Locator("summary").ClickAsync();

        await Assertions.Expect(text).ToBeInViewportAsync();
    }

    private static Dictionary<string, string?> WithTokens() => new(StringComparer.Ordinal)
    {
        ["Authentication:Schemes:Bearer:Authority"] = "https://login.example.com",
        ["Authentication:Schemes:Bearer:ValidAudiences:0"] = "wickr-gateway",
    };

    private async Task<Browser> OpenPageAsync(GatewayHost gateway, int width, int height)
    {
        var browser = await chromium.OpenAsync(width, height);
        await browser.Page.GotoAsync(new Uri(gateway.Address, "/swagger").AbsoluteUri);
        await Assertions.Expect(browser.Page.Locator(".opblock.is-open")).ToHaveCountAsync(1);
        return browser;
    }

    private static ScriptedUpstream Responding() => new ScriptedUpstream().Then(200, Success, "Content-Type: application/json", "x-amzn-RequestId: req-1");

    private static async Task UsePageAsync(Browser browser, Uri address, string screenshot)
    {
        var page = browser.Page;
        await page.GotoAsync(address.AbsoluteUri);
        await Assertions.Expect(page.Locator(".opblock.is-open")).ToHaveCountAsync(1);

        await AuthorizeAsync(page, "apiKey", GatewayHost.LimitedKey);
        await browser.ScreenshotAsync($"{screenshot}-opened");
        await Execute(page).ClickAsync();

        await Assertions.Expect(Response(page)).ToContainTextAsync("200");
        await Assertions.Expect(Response(page)).ToContainTextAsync("successful");
        await Assertions.Expect(page.Locator(".request-url")).ToContainTextAsync($"{page.Url[..page.Url.IndexOf("/swagger", StringComparison.Ordinal)]}/networks/12345678/users/suspend-status");
        await Assertions.Expect(page.Locator(".live-responses-table")).ToContainTextAsync("Request duration");
        await Response(page).ScrollIntoViewIfNeededAsync();
        await browser.ScreenshotAsync($"{screenshot}-success");

        await page.GetByPlaceholder("networkId").FillAsync("87654321");
        await Execute(page).ClickAsync();

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

    private static ILocator Execute(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Execute" });

    private static ILocator Response(IPage page) => page.Locator(".live-responses-table");
}
