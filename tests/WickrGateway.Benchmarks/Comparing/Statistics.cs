namespace WickrGateway.Benchmarks.Comparing;

internal static class Statistics
{
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>By the nearest rank; not a number when there are none.</summary>
    public static double Quantile(this IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Count) - 1)];
    }

    public static double Quantile(this IEnumerable<TimeSpan> values, double quantile) => values.Select(value => value.TotalMicroseconds).Quantile(quantile);
}
