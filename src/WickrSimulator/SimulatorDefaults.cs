namespace WickrSimulator;

/// <summary>What the simulator has when nothing is configured. The pair opens nothing but a simulator.</summary>
public static class SimulatorDefaults
{
    public const string AccessKeyId = "AKIDWICKRSIMULATOR00";
    public const string SecretAccessKey = "wickr-simulator-demo-secret-access-key00";
    public const string Region = "us-east-1";
    public const string NetworkId = "12345678";
    public const int Users = 100;
}
