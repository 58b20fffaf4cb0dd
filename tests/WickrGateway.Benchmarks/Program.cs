using System.Reflection;
using BenchmarkDotNet.Running;
using WickrGateway.Benchmarks.Chaos;

if (args is ["chaos", .. var options])
    return await ChaosCommand.RunAsync(options);

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
