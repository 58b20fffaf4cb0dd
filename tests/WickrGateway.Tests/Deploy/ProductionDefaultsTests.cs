using System.Text.Json;

namespace WickrGateway.Tests.Deploy;

public sealed class ProductionDefaultsTests
{
    [Fact]
    public void The_settings_file_has_no_caller_no_endpoint_and_no_region()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("appsettings.json")));

        Assert.Empty(settings.RootElement.GetProperty("Auth").GetProperty("Callers").EnumerateObject());
        Assert.Equal(JsonValueKind.Null, settings.RootElement.GetProperty("Wickr").GetProperty("Endpoint").ValueKind);
        Assert.Equal(JsonValueKind.Null, settings.RootElement.GetProperty("Wickr").GetProperty("Region").ValueKind);
    }
}
