using Microsoft.Extensions.Configuration;
using WickrGateway.Configuration;
using WickrGateway.Wickr;

namespace WickrGateway.Tests;

/// <summary>Wickr's endpoint, by AWS's own rule set for the Wickr Admin API.</summary>
public sealed class EndpointRuleTests
{
    [Theory]
    [InlineData("us-east-1", false, false, "https://admin.wickr.us-east-1.amazonaws.com/")]
    [InlineData("eu-central-1", false, false, "https://admin.wickr.eu-central-1.amazonaws.com/")]
    [InlineData("us-east-1", true, false, "https://admin.wickr-fips.us-east-1.amazonaws.com/")]
    [InlineData("us-east-1", false, true, "https://admin.wickr.us-east-1.api.aws/")]
    [InlineData("us-east-1", true, true, "https://admin.wickr-fips.us-east-1.api.aws/")]
    [InlineData("us-gov-west-1", false, false, "https://admin.wickr.us-gov-west-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", true, false, "https://admin.wickr-fips.us-gov-west-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", true, true, "https://admin.wickr-fips.us-gov-west-1.api.aws/")]
    [InlineData("cn-north-1", false, false, "https://admin.wickr.cn-north-1.amazonaws.com.cn/")]
    [InlineData("cn-north-1", false, true, "https://admin.wickr.cn-north-1.api.amazonwebservices.com.cn/")]
    [InlineData("eusc-de-east-1", false, false, "https://admin.wickr.eusc-de-east-1.amazonaws.eu/")]
    [InlineData("eusc-de-east-1", false, true, "https://admin.wickr.eusc-de-east-1.api.amazonwebservices.eu/")]
    [InlineData("us-new-9", false, false, "https://admin.wickr.us-new-9.amazonaws.com/")]
    public void Region_FIPS_and_dual_stack_Select_the_host(string region, bool fips, bool dualStack, string endpoint)
    {
        var (options, errors) = Read(("Wickr:Region", region), ("Wickr:UseFips", fips.ToString()), ("Wickr:UseDualStack", dualStack.ToString()));

        Assert.Empty(errors);
        Assert.Equal(endpoint, options.Default!.Location.Endpoint.AbsoluteUri);
        Assert.Equal(region, options.Default!.Location.Region);
    }

    [Theory]
    [InlineData("AWS_REGION", "eu-west-1", "https://admin.wickr.eu-west-1.amazonaws.com/")]
    [InlineData("AWS_DEFAULT_REGION", "eu-west-2", "https://admin.wickr.eu-west-2.amazonaws.com/")]
    public void No_region_setting_Uses_the_AWS_variables(string variable, string region, string endpoint) =>
        Assert.Equal(endpoint, Read((variable, region), ("Wickr:Region", "")).Options.Default!.Location.Endpoint.AbsoluteUri);

    [Fact]
    public void Region_setting_Overrides_AWS_REGION_which_overrides_AWS_DEFAULT_REGION()
    {
        Assert.Equal("us-east-1", Read(("Wickr:Region", "us-east-1"), ("AWS_REGION", "us-east-2"), ("AWS_DEFAULT_REGION", "us-west-1")).Options.Default!.Location.Region);
        Assert.Equal("us-east-2", Read(("AWS_REGION", "us-east-2"), ("AWS_DEFAULT_REGION", "us-west-1")).Options.Default!.Location.Region);
    }

    [Theory]
    [InlineData("Wickr:Endpoint")]
    [InlineData("AWS_ENDPOINT_URL_WICKR")]
    [InlineData("AWS_ENDPOINT_URL")]
    public void Endpoint_setting_Replaces_the_rule(string key) =>
        Assert.Equal("http://localhost:8081/prefix", Read(("Wickr:Region", "us-east-1"), (key, "http://localhost:8081/prefix")).Options.Default!.Location.Endpoint.AbsoluteUri);

    [Fact]
    public void Several_endpoint_settings_Use_the_most_specific()
    {
        Assert.Equal("http://a/", Read(("Wickr:Region", "us-east-1"), ("Wickr:Endpoint", "http://a"), ("AWS_ENDPOINT_URL_WICKR", "http://b"), ("AWS_ENDPOINT_URL", "http://c")).Options.Default!.Location.Endpoint.AbsoluteUri);
        Assert.Equal("http://b/", Read(("Wickr:Region", "us-east-1"), ("Wickr:Endpoint", ""), ("AWS_ENDPOINT_URL_WICKR", "http://b"), ("AWS_ENDPOINT_URL", "http://c")).Options.Default!.Location.Endpoint.AbsoluteUri);
    }

    [Theory]
    [InlineData("AWS_USE_FIPS_ENDPOINT", "https://admin.wickr-fips.us-east-1.amazonaws.com/")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT", "https://admin.wickr.us-east-1.api.aws/")]
    public void No_switch_setting_Uses_the_AWS_variables(string variable, string endpoint)
    {
        Assert.Equal(endpoint, Read(("Wickr:Region", "us-east-1"), (variable, "true")).Options.Default!.Location.Endpoint.AbsoluteUri);
        Assert.Equal("https://admin.wickr.us-east-1.amazonaws.com/", Read(("Wickr:Region", "us-east-1"), (variable, "true"), ("Wickr:UseFips", "false"), ("Wickr:UseDualStack", "false")).Options.Default!.Location.Endpoint.AbsoluteUri);
    }

    [Theory]
    [InlineData("Wickr:Region", null)]
    [InlineData("Wickr:Region", "us-east-1.evil.example")]
    [InlineData("Wickr:Region", "us-east-1/../")]
    [InlineData("Wickr:Region", "US-EAST-1")]
    [InlineData("Wickr:Region", "us-east-1@evil")]
    [InlineData("Wickr:Region", " us-east-1")]
    [InlineData("Wickr:Endpoint", "localhost:8081")]
    [InlineData("Wickr:Endpoint", "ftp://localhost")]
    [InlineData("Wickr:Endpoint", "/path")]
    [InlineData("Wickr:Endpoint", "http://")]
    [InlineData("Wickr:Endpoint", "http://user:password@localhost")]
    [InlineData("Wickr:Endpoint", "http://localhost?a=b")]
    [InlineData("Wickr:Endpoint", "http://localhost#a")]
    [InlineData("Wickr:UseFips", "yes")]
    [InlineData("Wickr:UseDualStack", "1")]
    public void Invalid_setting_Is_an_error_under_its_key(string key, string? value)
    {
        var (_, errors) = Read(key == "Wickr:Region" ? ("X", null) : ("Wickr:Region", "us-east-1"), (key, value));

        Assert.StartsWith($"{key}: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static (WickrOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string? Value)[] settings)
    {
        var reader = new SettingsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
            .Build());
        return (WickrOptions.Read(reader), reader.Errors);
    }
}
