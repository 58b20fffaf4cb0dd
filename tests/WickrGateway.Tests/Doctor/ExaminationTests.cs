using WickrGateway.Commands.Doctor;

namespace WickrGateway.Tests.Doctor;

/// <summary>No check takes longer than its time, whatever it does, and all together no longer than theirs.</summary>
public sealed class ExaminationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_check_blocks_its_thread_Fails_when_its_time_is_over()
    {
        using var never = new ManualResetEventSlim();
        var examination = new Examination(Short, CancellationToken.None);

        var result = await examination.Add("stuck", null, _ =>
        {
            never.Wait(CancellationToken.None);
            return Task.FromResult(CheckResult.Pass(""));
        }).Result;

        never.Set();
        Assert.Equal((CheckStatus.Fail, "did not end within 0 s"), (result.Status, result.Message));
        Assert.NotNull(result.Remedy);
    }

    [Fact]
    public async Task The_time_for_all_is_over_Each_check_that_has_not_ended_fails_and_those_after_it_are_skipped()
    {
        using var end = new CancellationTokenSource();
        var examination = new Examination(Long, end.Token);
        var done = examination.Add("done", null, _ => Task.FromResult(CheckResult.Pass("")));
        var silent = examination.Add("silent", null, stop => Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None).ContinueWith(_ => CheckResult.Pass(""), TaskScheduler.Default), done);
        var after = examination.Add("after", "it", _ => Task.FromResult(CheckResult.Pass("")), silent);
        await done.Result;

        await end.CancelAsync();

        Assert.Equal((CheckStatus.Fail, "the time for all checks was over before this one had ended"), ((await silent.Result).Status, (await silent.Result).Message));
        Assert.Equal((CheckStatus.Skip, "silent"), ((await after.Result).Status, (await after.Result).SkippedBecause));
    }

    [Fact]
    public async Task A_check_throws_Fails_with_the_type_and_without_its_text()
    {
        var examination = new Examination(Long, CancellationToken.None);

        var result = await examination.Add("broken", null, _ => throw new InvalidOperationException("hush")).Result;

        Assert.Equal((CheckStatus.Fail, "ended with InvalidOperationException"), (result.Status, result.Message));
    }

    [Fact]
    public async Task A_check_is_skipped_Those_after_it_name_the_one_that_failed()
    {
        var examination = new Examination(Long, CancellationToken.None);
        var first = examination.Add("first", "a", _ => Task.FromResult(CheckResult.Fail("no", "do")));
        var second = examination.Add("second", null, _ => Task.FromResult(CheckResult.Pass("")), first);
        var third = examination.Add("third", null, _ => Task.FromResult(CheckResult.Pass("")), second);

        Assert.Equal("first a", (await third.Result).SkippedBecause);
        Assert.Equal("skipped because first a failed", (await third.Result).Message);
    }
}
