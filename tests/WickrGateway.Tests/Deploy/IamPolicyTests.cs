using System.Text.Json;

namespace WickrGateway.Tests.Deploy;

public sealed class IamPolicyTests
{
    [Fact]
    public void The_role_allows_one_action_on_the_networks_it_names()
    {
        var statement = Assert.Single(Statements("policy.json"));

        Assert.Equal("Allow", statement.GetProperty("Effect").GetString());
        Assert.Equal("wickr:BatchToggleUserSuspendStatus", statement.GetProperty("Action").GetString());
        Assert.Matches(@"^arn:aws:wickr:[a-z0-9-]+:[0-9]{12}:network/[0-9]{8}\z", statement.GetProperty("Resource").GetString());
    }

    [Theory]
    [InlineData("trust-irsa.json")]
    [InlineData("trust-pod-identity.json")]
    public void Only_the_service_account_of_the_manifests_may_assume_the_role(string file)
    {
        var condition = Assert.Single(Statements(file)).GetProperty("Condition").GetProperty("StringEquals").ToString();

        Assert.Contains("wickr-gateway", condition);
        Assert.DoesNotContain("*", condition);
    }

    private static JsonElement[] Statements(string file) =>
        [.. JsonDocument.Parse(File.ReadAllText(Repository.PathOf("deploy", "iam", file))).RootElement.GetProperty("Statement").EnumerateArray()];
}
