using WickrGateway.Wickr;

namespace WickrGateway.Tests;

public sealed class WarmUpTests
{
    /// <summary>One that fails half-way would go unseen: the start is slower, and nothing else.</summary>
    [Fact]
    public async Task The_start_s_rehearsal_goes_the_whole_way() => Assert.Equal(AttemptStatus.Accepted, await WarmUp.BeginAsync());
}
