using System.ComponentModel;
using System.Diagnostics;

namespace WickrSimulator.Tests;

/// <summary>Clients from other projects; a test is skipped when its client is not installed.</summary>
public sealed class ThirdPartyClientTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::111122223333:role/wickr";

    private SimulatorHost _simulator = null!;

    [Fact]
    public async Task Curl_s_signature_Is_accepted()
    {
        var version = (await RunAsync("curl", "--version")).Output.Split(' ').ElementAtOrDefault(1);
        Assert.SkipUnless(Version.TryParse(version, out var curl) && curl >= new Version(7, 75), "curl 7.75 or later (--aws-sigv4) is not installed");

        var (output, code) = await RunAsync(
            "curl", "-sS", "--fail-with-body", "--aws-sigv4", "aws:amz:us-east-1:wickr", "--user", $"{SimulatorDefaults.AccessKeyId}:{SimulatorDefaults.SecretAccessKey}",
            "-X", "PATCH", "-H", "Content-Type: application/json", "-H", "X-Client-Token: from-curl", "-d", """{"userIds":["1"]}""",
            new Uri(_simulator.Address, "/networks/12345678/users/toggleSuspend?suspend=true").AbsoluteUri);

        Assert.True(code == 0, output);
        Assert.True(await _simulator.IsSuspendedAsync("1"));
    }

    [Fact]
    public async Task The_AWS_CLI_Suspends_a_user()
    {
        Assert.SkipWhen((await RunAsync("aws", "wickr", "help")).Code != 0, "an AWS CLI with the wickr commands is not installed");

        var (output, code) = await RunAsync(
            "aws", "wickr", "batch-toggle-user-suspend-status", "--endpoint-url", _simulator.Address.AbsoluteUri,
            "--network-id", "12345678", "--suspend", "--user-ids", "1", "999", "--output", "json");

        Assert.True(code == 0, output);
        Assert.Contains("\"successful\"", output, StringComparison.Ordinal);
        Assert.True(await _simulator.IsSuspendedAsync("1"));
    }

    [Theory]
    [InlineData("ValidationError", "'12345678', ['x']", "")]
    [InlineData("ResourceNotFoundError", "'87654321', ['1']", "")]
    [InlineData("BadRequestError", "'12345678', ['1']", """{"status":400}""")]
    [InlineData("UnauthorizedError", "'12345678', ['1']", """{"status":401}""")]
    [InlineData("ForbiddenError", "'12345678', ['1']", """{"status":403}""")]
    [InlineData("RateLimitError", "'12345678', ['1']", """{"status":429}""")]
    [InlineData("InternalServerError", "'12345678', ['1']", """{"status":500}""")]
    [InlineData("none", "'12345678', ['1', '999']", "")]
    public async Task Boto3_Raises_the_exception_of_Wickr_s_model(string expected, string arguments, string fault)
    {
        Assert.SkipWhen((await RunAsync("python3", "-c", "import boto3; boto3.client('wickr')")).Code != 0, "python3 with a boto3 that has wickr is not installed");
        if (fault.Length > 0)
            (await _simulator.Client.PostAsync("/_simulator/faults", new StringContent(fault))).EnsureSuccessStatusCode();

        var (output, _) = await RunAsync("python3", "-c", $"""
            import boto3
            client = boto3.client('wickr', endpoint_url='{_simulator.Address}')
            def call(network, users):
                try:
                    response = client.batch_toggle_user_suspend_status(networkId=network, suspend=True, userIds=users)
                    print('none', [user['userId'] for user in response['successful']], [user['userId'] for user in response['failed']])
                except client.exceptions.ClientError as error:
                    print(type(error).__name__, error.response.get('reasons'), error.response['ResponseMetadata']['RequestId'])
            call({arguments})
            """);

        Assert.StartsWith(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_AWS_CLI_Assumes_a_role()
    {
        Assert.SkipWhen((await RunAsync("aws", "--version")).Code != 0, "the AWS CLI is not installed");

        var (output, code) = await RunAsync("aws", "sts", "assume-role", "--endpoint-url", _simulator.Address.AbsoluteUri, "--role-arn", Role, "--role-session-name", "cli", "--output", "json");

        Assert.True(code == 0, output);
        Assert.Contains("assumed-role/wickr/cli", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Boto3_Assumes_a_role_and_reads_with_its_session()
    {
        Assert.SkipWhen((await RunAsync("python3", "-c", "import boto3; boto3.client('wickr')")).Code != 0, "python3 with a boto3 that has wickr is not installed");

        var (output, code) = await RunAsync("python3", "-c", $"""
            import boto3
            sts = boto3.client('sts', endpoint_url='{_simulator.Address}')
            session = sts.assume_role(RoleArn='{Role}', RoleSessionName='boto', SourceIdentity='me')
            keys = session['Credentials']
            wickr = boto3.client('wickr', endpoint_url='{_simulator.Address}', aws_access_key_id=keys['AccessKeyId'], aws_secret_access_key=keys['SecretAccessKey'], aws_session_token=keys['SessionToken'])
            print(sts.get_caller_identity()['Arn'])
            print(session['AssumedRoleUser']['Arn'], session['SourceIdentity'])
            print(wickr.get_users_count(networkId='12345678')['total'])
            print(sum(len(page['users']) for page in wickr.get_paginator('list_users').paginate(networkId='12345678', PaginationConfig=dict(PageSize=30))))
            print(wickr.get_user(networkId='12345678', userId='7')['username'])
            try:
                sts.assume_role(RoleArn='{Role}x', RoleSessionName='boto')
            except sts.exceptions.ClientError as error:
                print(error.response['Error']['Code'])
            """);

        Assert.True(code == 0, output);
        Assert.Equal(
            ["arn:aws:iam::123456789012:user/simulator", "arn:aws:sts::111122223333:assumed-role/wickr/boto me", "100", "100", "user7@example.com", "AccessDenied"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public async ValueTask InitializeAsync() => _simulator = await SimulatorHost.StartAsync($"--Simulator:Roles:0:Arn={Role}");

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static async Task<(string Output, int Code)> RunAsync(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);

        start.Environment["AWS_ACCESS_KEY_ID"] = SimulatorDefaults.AccessKeyId;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = SimulatorDefaults.SecretAccessKey;
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_MAX_ATTEMPTS"] = "1";
        start.Environment["AWS_PAGER"] = "";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (output + await errors, process.ExitCode);
        }
        catch (Win32Exception)
        {
            return ("", -1);
        }
    }
}
