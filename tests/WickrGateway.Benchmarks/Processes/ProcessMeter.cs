using System.Globalization;

namespace WickrGateway.Benchmarks.Processes;

/// <summary>CPU time and memory of a process and its children, from <c>/proc</c>.</summary>
internal sealed class ProcessMeter(int id)
{
    /// <summary>The unit of <c>/proc</c>'s times (USER_HZ).</summary>
    private const double TicksPerSecond = 100;

    private const string ResidentMemory = "VmRSS:";
    private const string ThreadCount = "Threads:";

    public int Id => id;

    /// <summary>User and kernel time so far.</summary>
    public TimeSpan Cpu => TimeSpan.FromSeconds(WithChildren().Sum(process => Ticks(process.Stat)) / TicksPerSecond);

    /// <summary>Resident memory in bytes.</summary>
    public long Memory => WithChildren().Sum(process => ResidentKiB(process.Id)) * 1024;

    /// <summary>Open file descriptors, without those of children.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{id}/fd").Length;

    /// <summary>Without those of children.</summary>
    public int Threads => (int)Status(id, ThreadCount);

    private List<(int Id, string[] Stat)> WithChildren()
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => (Id: int.Parse(name!, CultureInfo.InvariantCulture), Stat: Stat(name!)))
            .Where(process => process.Stat.Length > 0)
            .ToList();
        var processes = new List<(int Id, string[] Stat)>(all.Where(process => process.Id == id));
        for (var index = 0; index < processes.Count; index++)
            processes.AddRange(all.Where(process => process.Stat[1] == $"{processes[index].Id}"));

        return processes;
    }

    /// <summary>
    /// The fields after the name, which may contain spaces and parentheses: 1 is the parent, 11 and 12 are user and kernel time. Empty when the
    /// process has ended.
    /// </summary>
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

    private static long ResidentKiB(int process) => Status(process, ResidentMemory);

    /// <summary>A number of <c>/proc/PID/status</c>; 0 when it is absent.</summary>
    private static long Status(int process, string name) =>
        File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture)
            : 0;
}
