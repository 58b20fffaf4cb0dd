using System.Globalization;

namespace WickrGateway.Benchmarks;

/// <summary>Command-line pairs such as <c>--seconds 3</c>; what is not known is refused rather than passed over.</summary>
internal sealed class Arguments
{
    private readonly List<(string Name, string Value)> _pairs = [];

    public Arguments(IReadOnlyList<string> args, params ReadOnlySpan<string> known)
    {
        for (var at = 0; at < args.Count; at += 2)
        {
            if (!known.Contains(args[at]))
                throw new BenchmarkException($"{args[at]} is not known here; known: {string.Join(", ", known!)}");

            if (at + 1 == args.Count)
                throw new BenchmarkException($"{args[at]} wants a value");

            _pairs.Add((args[at], args[at + 1]));
        }
    }

    public string? Text(string name) => All(name).LastOrDefault();

    public IEnumerable<string> All(string name) => _pairs.Where(pair => pair.Name == name).Select(pair => pair.Value);

    public int GetInt(string name, int defaultValue, int min, int max)
    {
        if (Text(name) is not { } text)
            return defaultValue;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new BenchmarkException($"{name} must be a whole number from {min} to {max}");
    }
}
