using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Callers;
using WickrGateway.Configuration;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>Who an API key belongs to, and whether the grants allow the call; the number of callers should not matter.</summary>
[MemoryDiagnoser]
public class CallerBenchmarks
{
    private CallerDirectory _directory = null!;

    [Params(1, 10_000)]
    public int Callers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(ManyCallers.Settings(Callers)).Build();
        _directory = CallerDirectory.Read(new SettingsReader(settings));
    }

    [Benchmark]
    public bool FindAndJudge() =>
        _directory.FindByApiKey(SampleCall.ApiKey) is { Caller: var caller } && caller.MayUse("12345678") && caller.May(suspend: true)
            ? true
            : throw new InvalidOperationException("The caller was not found, or not granted.");

    [Benchmark]
    public bool FindNobody() => _directory.FindByApiKey("a-key-that-nobody-has") is null ? true : throw new InvalidOperationException("A caller was found.");
}
