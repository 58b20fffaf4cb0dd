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

    [Fact]
    public void The_gateways_own_role_may_assume_the_named_roles_and_nothing_else()
    {
        var statement = Assert.Single(Statements("assume-network-roles.json"));

        Assert.Equal(["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"], statement.GetProperty("Action").EnumerateArray().Select(action => action.GetString()));
        Assert.All(statement.GetProperty("Resource").EnumerateArray(), role => Assert.Matches(@"^arn:aws:iam::[0-9]{12}:role/[a-z-]+\z", role.GetString()));
    }

    [Fact]
    public void A_networks_role_is_assumed_by_the_gateways_own_role_with_the_external_id()
    {
        var statements = Statements("trust-network-role.json");

        Assert.All(statements, statement => Assert.Matches(@"^arn:aws:iam::[0-9]{12}:role/wickr-gateway\z", statement.GetProperty("Principal").GetProperty("AWS").GetString()));
        Assert.Equal("sts:AssumeRole", statements[0].GetProperty("Action").GetString());
        Assert.NotEmpty(statements[0].GetProperty("Condition").GetProperty("StringEquals").GetProperty("sts:ExternalId").GetString()!);
        Assert.Equal(["sts:SetSourceIdentity", "sts:TagSession"], statements[1].GetProperty("Action").EnumerateArray().Select(action => action.GetString()));
    }

    private static JsonElement[] Statements(string file) =>
        [.. JsonDocument.Parse(File.ReadAllText(Repository.PathOf("deploy", "iam", file))).RootElement.GetProperty("Statement").EnumerateArray()];
}
