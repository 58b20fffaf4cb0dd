using System.Text.Json;

namespace WickrGateway.Tests.Deploy;

public sealed class ProductionDefaultsTests
{
    [Fact]
    public void The_settings_file_sets_no_caller_endpoint_or_region()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("appsettings.json")));

        Assert.Empty(settings.RootElement.GetProperty("Auth").GetProperty("Callers").EnumerateObject());
        Assert.Equal(JsonValueKind.Null, settings.RootElement.GetProperty("Wickr").GetProperty("Endpoint").ValueKind);
        Assert.Equal(JsonValueKind.Null, settings.RootElement.GetProperty("Wickr").GetProperty("Region").ValueKind);
    }
}
