namespace WickrGateway.Benchmarks.Comparing;

internal static class Statistics
{
    /// <summary>NaN for no values.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>By the nearest rank; NaN for no values.</summary>
    public static double Quantile(this IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Count) - 1)];
    }

    /// <summary>In microseconds.</summary>
    public static double Quantile(this IEnumerable<TimeSpan> values, double quantile) => values.Select(value => value.TotalMicroseconds).Quantile(quantile);
}
