using System.Diagnostics;
using WickrGateway.Tests.Hosting;

namespace WickrGateway.Tests.Resilience;

/// <summary>Keys of a profile that are replaced while the gateway runs, and files that are missing or hang meanwhile.</summary>
public sealed class ReplacedCredentialsTests : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Wickr_reports_expired_credentials_Profile_is_read_again()
    {
        var file = _files.Write("credentials", "[default]\naws_access_key_id=AKIDOLD\naws_secret_access_key=secret\naws_session_token=old\n");
        await using var wickr = new ScriptedUpstream()
            .Then(200, HttpClientExtensions.Accepted)
            .Then(403, "{}", "x-amzn-ErrorType: ExpiredTokenException")
            .Then(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_SHARED_CREDENTIALS_FILE"] = file });
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        _files.Write("credentials", "[default]\naws_access_key_id=AKIDNEW\naws_secret_access_key=secret\naws_session_token=new\n");

        Assert.Equal("200", (await client.SuspendAsync()).Summary);
        Assert.Equal(["AKIDOLD", "AKIDOLD", "AKIDNEW"], wickr.Received.Select(request => request.AccessKeyId));
    }

    [Fact]
    public async Task Keys_of_a_profile_are_replaced_New_ones_are_used_without_a_failed_call()
    {
        // As Kubernetes replaces a mounted secret: the file is a link through a link that is swapped.
        var (old, replaced, link) = (Mounted("old"), Mounted("new"), Path.Combine(_files.Directory.FullName, "..data"));
        Directory.CreateSymbolicLink(link, old);
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(link, "credentials") });
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        // The gateway looks at the files every 5 s; while there are none, the known keys stay in use.
        File.Delete(link);
        var missing = Stopwatch.StartNew();
        await HttpClientExtensions.UntilAsync(async () =>
        {
            Assert.Equal("200", (await client.SuspendAsync()).Summary);
            return missing.Elapsed > TimeSpan.FromSeconds(6);
        });
        Assert.Equal("AKIDOLD", wickr.Received[^1].AccessKeyId);
        Directory.CreateSymbolicLink(link, replaced);

        await HttpClientExtensions.UntilAsync(async () =>
        {
            Assert.Equal("200", (await client.SuspendAsync()).Summary);
            return wickr.Received[^1].AccessKeyId == "AKIDNEW";
        });

        string Mounted(string name)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_files.Directory.FullName, name)).FullName;
            File.WriteAllText(Path.Combine(folder, "credentials"), $"[default]\naws_access_key_id=AKID{name.ToUpperInvariant()}\naws_secret_access_key=secret\n");
            return folder;
        }
    }

    [Fact]
    public async Task Reading_the_profile_hangs_Calls_go_on_with_the_known_keys()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in its file system");
        var file = _files.Write("credentials", "[default]\naws_access_key_id=AKIDOLD\naws_secret_access_key=secret\n");
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new() { ["AWS_SHARED_CREDENTIALS_FILE"] = file });
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        // Reading a pipe hangs while its other end is open and nothing is written; opening that end succeeds as soon as the gateway reads.
        File.Delete(file);
        using (var pipe = Process.Start("mkfifo", [file]))
            await pipe.WaitForExitAsync();

        var reading = Task.Run(() => new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        await HttpClientExtensions.UntilAsync(async () =>
        {
            Assert.Equal("200", (await client.SuspendAsync()).Summary);
            return reading.IsCompleted;
        });
        await using var other = await reading;
        for (var call = 0; call < 10; call++)
            Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Assert.Equal("AKIDOLD", wickr.Received[^1].AccessKeyId);
    }

    [Fact]
    public async Task Keys_of_a_roles_source_profile_are_replaced_Role_is_assumed_with_the_new_ones()
    {
        var replaced = false;
        await using var sts = await CredentialsEndpoint.StartAsync((request, number) => replaced && request.Headers.Authorization.ToString().Contains("AKIDOLD", StringComparison.Ordinal)
            ? "<ErrorResponse/>"
            : CredentialsEndpoint.AssumeRole("AssumeRole", number, TimeSpan.FromSeconds(14)));
        await using var wickr = new ScriptedUpstream().ThenAlways(200, HttpClientExtensions.Accepted);
        await using var gateway = await GatewayProcess.StartAsync(wickr.Address, new()
        {
            ["AWS_SHARED_CREDENTIALS_FILE"] = Keys("AKIDOLD"),
            ["AWS_CONFIG_FILE"] = _files.Write("config", "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nregion = us-east-1\n"),
            ["AWS_PROFILE"] = "role",
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ENDPOINT_URL_STS"] = sts.Address,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        });
        using var client = gateway.Client();
        Assert.Equal("200", (await client.SuspendAsync()).Summary);

        Keys("AKIDNEW");
        replaced = true;

        await HttpClientExtensions.UntilAsync(async () => (await client.SuspendAsync()).Summary == "200" && sts.Requests[^1].Contains("AKIDNEW", StringComparison.Ordinal));

        string Keys(string key) => _files.Write("credentials", $"[base]\naws_access_key_id={key}\naws_secret_access_key=secret\n");
    }
}
