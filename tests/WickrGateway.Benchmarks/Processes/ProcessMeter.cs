using System.Globalization;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>What the operating system says of a process and its children.</summary>
internal sealed class ProcessMeter(int id)
{
    /// <summary>Linux reports to programs in hundredths of a second, whatever it counts in (USER_HZ).</summary>
    private const double TicksPerSecond = 100;

    public int Id => id;

    /// <summary>User and kernel time so far.</summary>
    public TimeSpan Cpu => TimeSpan.FromSeconds(Family().Sum(process => Ticks(process.Stat)) / TicksPerSecond);

    /// <summary>Resident memory in bytes.</summary>
    public long Memory => Family().Sum(process => KiB(process.Id, "VmRSS:")) * 1024;

    /// <summary>The most memory that was resident at any time, in bytes.</summary>
    public long MostMemory => Family().Sum(process => KiB(process.Id, "VmHWM:")) * 1024;

    private List<(int Id, string[] Stat)> Family()
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => (Id: int.Parse(name!, CultureInfo.InvariantCulture), Stat: Stat(name!)))
            .Where(process => process.Stat.Length > 0)
            .ToList();
        var family = new List<(int Id, string[] Stat)>(all.Where(process => process.Id == id));
        for (var at = 0; at < family.Count; at++)
            family.AddRange(all.Where(process => process.Stat[1] == $"{family[at].Id}"));

        return family;
    }

    /// <summary>The fields after the name, which may hold anything: 0 is the state, 1 the parent, 11 and 12 user and kernel time. Empty when the process has ended.</summary>
    private static string[] Stat(string process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static double Ticks(string[] stat) => double.Parse(stat[11], CultureInfo.InvariantCulture) + double.Parse(stat[12], CultureInfo.InvariantCulture);

    private static long KiB(int process, string name) =>
        File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture)
            : 0;
}
