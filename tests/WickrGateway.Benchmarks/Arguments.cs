using System.Globalization;

namespace WickrGateway.Benchmarks;

/// <summary>Command-line options such as <c>--seconds 3</c>.</summary>
internal sealed class Arguments
{
    private readonly List<(string Name, string Value)> _options = [];

    /// <exception cref="BenchmarkException">An option is unknown or has no value.</exception>
    public Arguments(IReadOnlyList<string> args, params ReadOnlySpan<string> known)
    {
        for (var index = 0; index < args.Count; index += 2)
        {
            if (!known.Contains(args[index]))
                throw new BenchmarkException($"unknown option {args[index]}; known options: {string.Join(", ", known!)}");

            if (index + 1 == args.Count)
                throw new BenchmarkException($"{args[index]} needs a value");

            _options.Add((args[index], args[index + 1]));
        }
    }

    public string? GetString(string name) => GetAll(name).LastOrDefault();

    public IEnumerable<string> GetAll(string name) => _options.Where(option => option.Name == name).Select(option => option.Value);

    /// <exception cref="BenchmarkException">The value is not a whole number from <paramref name="min"/> to <paramref name="max"/>.</exception>
    public int GetInt(string name, int defaultValue, int min, int max)
    {
        if (GetString(name) is not { } text)
            return defaultValue;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new BenchmarkException($"{name} must be a whole number from {min} to {max}");
    }
}
