using System.Runtime.CompilerServices;

namespace WickrGateway.Tests.Hosting;

/// <summary>The credentials of every gateway in this process, so that no test depends on those of the machine.</summary>
internal static class AwsEnvironment
{
    public const string AccessKeyId = "AKIDWICKRSIMULATOR00";
    public const string SecretAccessKey = "wickr-simulator-demo-secret-access-key00";

    [ModuleInitializer]
    internal static void Set()
    {
        // A watched gateway, which loads this assembly, keeps its own.
        if (SocketThreadWatch.IsWatched)
            return;

        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => name.StartsWith("AWS_", StringComparison.Ordinal)))
            Environment.SetEnvironmentVariable(name, null);

        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKeyId);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SecretAccessKey);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
    }
}
