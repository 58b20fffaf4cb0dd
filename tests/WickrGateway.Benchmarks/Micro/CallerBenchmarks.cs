using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using WickrGateway.Benchmarks.Load;
using WickrGateway.Callers;
using WickrGateway.Configuration;

namespace WickrGateway.Benchmarks.Micro;

/// <summary>Finding the caller of an API key and checking its grants; the cost should not depend on the number of callers.</summary>
[MemoryDiagnoser]
public class CallerBenchmarks
{
    private CallerDirectory _directory = null!;

    [Params(1, 10_000)]
    public int Callers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var file = Path.GetTempFileName();
        ManyCallers.WriteFile(file, Callers);
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Auth:CallersFile", file)]).Build();
        _directory = CallerDirectory.Read(new SettingsReader(settings));
        File.Delete(file);
    }

    [Benchmark]
    public bool FindAndAuthorize() =>
        _directory.FindByApiKey(SampleCall.ApiKey) is { Caller: var caller } && caller.MayUse("12345678") && caller.May(CallerActions.Suspend)
            ? true
            : throw new InvalidOperationException("The caller was not found, or has no grant.");

    [Benchmark]
    public bool FindUnknownKey() => _directory.FindByApiKey("an-unknown-key") is null ? true : throw new InvalidOperationException("A caller was found.");
}
