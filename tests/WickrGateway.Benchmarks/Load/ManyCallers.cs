using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace WickrGateway.Benchmarks.Load;

/// <summary>
/// A callers file with any number of callers; the benchmarks call as the last one. In the settings themselves the framework searches all keys
/// for each caller: with 10,000 of them a start takes 13 s of CPU time.
/// </summary>
internal static class ManyCallers
{
    public static void WriteFile(string path, int count)
    {
        var callers = Enumerable.Range(1, count - 1).ToDictionary(
            other => $"caller-{other}",
            other => Create(Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(other))), (10_000_000 + other).ToString(CultureInfo.InvariantCulture)),
            StringComparer.Ordinal);
        callers.Add("benchmark", Create(SampleCall.ApiKeySha256, "12345678"));
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(new { Callers = callers }));
    }

    private static Dictionary<string, string[]> Create(string keySha256, string network) => new(StringComparer.Ordinal)
    {
        ["ApiKeySha256"] = [keySha256],
        ["Networks"] = [network],
        ["Actions"] = ["suspend"],
    };
}
