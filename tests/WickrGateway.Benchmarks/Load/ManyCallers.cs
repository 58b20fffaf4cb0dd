using System.Globalization;
using System.Security.Cryptography;

namespace WickrGateway.Benchmarks.Load;

/// <summary>Settings for any number of callers; the benchmarks call as the last one.</summary>
internal static class ManyCallers
{
    public static Dictionary<string, string?> Settings(int count)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var other = 1; other < count; other++)
            Add($"caller-{other}", Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(other))), (10_000_000 + other).ToString(CultureInfo.InvariantCulture));

        Add("benchmark", SampleCall.ApiKeySha256, "12345678");
        return settings;

        void Add(string name, string keySha256, string network)
        {
            settings[$"Auth:Callers:{name}:ApiKeySha256:0"] = keySha256;
            settings[$"Auth:Callers:{name}:Networks:0"] = network;
            settings[$"Auth:Callers:{name}:Actions:0"] = "suspend";
        }
    }
}
