using System.Globalization;

namespace WickrGateway.Benchmarks.Chaos;

/// <summary><c>chaos --seconds 30 --seed 1</c>: breaks everything around the gateway while many callers use it, then tells whether it kept its word.</summary>
internal static class ChaosCommand
{
    private const string Usage = "chaos [--seconds 5..600] [--seed N]";

    public static async Task<int> RunAsync(string[] options)
    {
        if (!TryRead(options, out var seconds, out var seed))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        await using var run = new ChaosRun(TimeSpan.FromSeconds(seconds), seed);
        var report = await run.RunAsync();
        Console.Write(report.Text);
        return report.IsGood ? 0 : 1;
    }

    private static bool TryRead(string[] options, out int seconds, out int seed)
    {
        (seconds, seed) = (30, Environment.TickCount);
        for (var index = 0; index + 1 < options.Length; index += 2)
        {
            if (!int.TryParse(options[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;

            switch (options[index])
            {
                case "--seconds":
                    seconds = number;
                    break;
                case "--seed":
                    seed = number;
                    break;
                default:
                    return false;
            }
        }

        return options.Length % 2 == 0 && seconds is >= 5 and <= 600;
    }
}
