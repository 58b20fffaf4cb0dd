namespace WickrSimulator;

/// <summary>What the simulator has when nothing is configured. The credentials are accepted by no other service.</summary>
public static class SimulatorDefaults
{
    /// <summary>The access key id that may sign.</summary>
    public const string AccessKeyId = "AKIDWICKRSIMULATOR00";

    /// <summary>The secret of <see cref="AccessKeyId"/>.</summary>
    public const string SecretAccessKey = "wickr-simulator-demo-secret-access-key00";

    /// <summary>The region that requests must be signed for.</summary>
    public const string Region = "us-east-1";

    /// <summary>The only network.</summary>
    public const string NetworkId = "12345678";

    /// <summary>The number of users in <see cref="NetworkId"/>; their ids are <c>"1"</c> to <c>"100"</c>.</summary>
    public const int Users = 100;
}
