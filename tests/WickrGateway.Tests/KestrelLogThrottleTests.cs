using Microsoft.Extensions.Time.Testing;
using Serilog.Events;
using Serilog.Parsing;
using WickrGateway.Observability;

namespace WickrGateway.Tests;

/// <summary>A client can make Kestrel log warnings only in rare races, so the lines are made here.</summary>
public sealed class KestrelLogThrottleTests
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(Kestrel, LogEventLevel.Warning, 1)]
    [InlineData($"{Kestrel}.Http2", LogEventLevel.Error, 1)]
    [InlineData(Kestrel, LogEventLevel.Debug, 100)]
    [InlineData("WickrGateway.Audit", LogEventLevel.Warning, 100)]
    public void The_same_message_is_logged_100_times_in_a_minute_Only_a_warning_of_Kestrel_is_held_back(string source, LogEventLevel level, int logged)
    {
        var throttle = new KestrelLogThrottle(_time);

        Assert.Equal(logged, Enumerable.Range(0, 100).Count(number => throttle.IsEnabled(Line("Connection {Id} failed", source, level, number))));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(throttle.IsEnabled(Line("Connection {Id} failed", source, level, 100)));
    }

    [Fact]
    public void Messages_are_different_Each_is_logged()
    {
        var throttle = new KestrelLogThrottle(_time);

        Assert.True(throttle.IsEnabled(Line("Connection {Id} failed", Kestrel, LogEventLevel.Warning, 1)));
        Assert.True(throttle.IsEnabled(Line("The listener failed", Kestrel, LogEventLevel.Fatal, 1)));
    }

    private static LogEvent Line(string template, string source, LogEventLevel level, int id) => new(
        DateTimeOffset.UnixEpoch, level, exception: null, new MessageTemplateParser().Parse(template), [new("Id", new ScalarValue(id)), new("SourceContext", new ScalarValue(source))]);
}
