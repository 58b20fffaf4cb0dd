using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests;

/// <summary>Every route refuses anonymous callers, except those named here.</summary>
public sealed class AnonymousRoutesTests
{
    private static readonly string[] Anonymous = ["/healthz", "/readyz", "/metrics"];

    [Fact]
    public async Task Each_route_that_is_not_on_the_list_Returns_401_without_a_credential()
    {
        await using var fixture = new GatewayFixture();
        var routes = fixture.Gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.Contains(routes, route => route.RoutePattern.RawText == "/networks/{networkId}/users/suspend-status");
        Assert.Subset(routes.Select(route => route.RoutePattern.RawText!).ToHashSet(StringComparer.Ordinal), Anonymous.ToHashSet(StringComparer.Ordinal));

        foreach (var route in routes.Where(route => !Anonymous.Contains(route.RoutePattern.RawText, StringComparer.Ordinal)))
        {
            var path = route.RoutePattern.RawText!.Replace("{networkId}", "12345678", StringComparison.Ordinal);
            Assert.DoesNotContain('{', path);
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                var response = await RawHttp.SendAsync(fixture.Gateway.Address, [$"{method} {path} HTTP/1.1", "Content-Type: application/json", $"Content-Length: {GatewayFixture.ValidBody.Length}"], GatewayFixture.ValidBody);
                Assert.True(response.Status == 401, $"{method} {path} returned {response.Status} to an anonymous caller");
            }
        }
    }
}
