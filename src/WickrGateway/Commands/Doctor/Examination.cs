namespace WickrGateway.Commands.Doctor;

/// <summary>Runs checks side by side, each after those it depends on, and none for longer than its time.</summary>
/// <param name="timeout">For each check.</param>
/// <param name="end">The end of the time for all of them.</param>
internal sealed class Examination(TimeSpan timeout, CancellationToken end)
{
    private readonly List<Check> _checks = [];

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<Check> Checks => _checks;

    /// <param name="run">Need not heed its cancellation: what blocks is left behind.</param>
    /// <param name="needs">When one of these fails or is skipped, so is this.</param>
    public Check Add(string name, string? subject, Func<CancellationToken, Task<CheckResult>> run, params Check[] needs)
    {
        var check = new Check(name, subject, RunAsync(run, needs));
        _checks.Add(check);
        return check;
    }

    private async Task<CheckResult> RunAsync(Func<CancellationToken, Task<CheckResult>> run, Check[] needs)
    {
        foreach (var need in needs)
        {
            var result = await need.Result;
            if (result.Status is CheckStatus.Fail or CheckStatus.Skip)
            {
                var cause = result.SkippedBecause ?? need.Title;
                return CheckResult.Skip($"skipped because {cause} failed") with { SkippedBecause = cause };
            }
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end);
        stop.CancelAfter(timeout);
        try
        {
            return await Task.Run(() => run(stop.Token), CancellationToken.None).WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            return CheckResult.Fail(
                end.IsCancellationRequested ? "the time for all checks was over before this one had ended" : $"did not end within {timeout.TotalSeconds:0} s",
                "Something that it needs does not respond: look for a firewall that drops packets, and for a name server, disk or proxy that hangs");
        }
        catch (Exception failure)
        {
            // The type only: texts of exceptions repeat what they were given.
            return CheckResult.Fail($"ended with {failure.GetType().Name}", "This is unexpected: report it with this line");
        }
    }
}
