using WickrGateway.SuspendStatus;

namespace WickrGateway.Tests;

public sealed class WarmUpTests
{
    /// <summary>A warm-up that fails half-way would not be noticed: the start is slower, and nothing else.</summary>
    [Fact]
    public async Task The_warm_up_at_the_start_Succeeds() => Assert.True(await WarmUp.BeginAsync());
}
