using System.Reflection;
using BenchmarkDotNet.Running;
using WickrGateway.Benchmarks;
using WickrGateway.Benchmarks.Chaos;
using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Micro;
using WickrGateway.Benchmarks.Processes;
using WickrGateway.Benchmarks.Scaling;

try
{
    switch (args)
    {
        case ["chaos", .. var rest]:
            return await ChaosCommand.RunAsync(rest);
        case ["compare", .. var rest]:
            return CompareCommand.Run(rest);
        case ["grow", .. var rest]:
            return ScaleCommand.Run(rest);
        case ["--smoke", ..]:
            return Smoke.Run();

        // The servers that a comparison starts as processes of their own.
        case [EchoUpstream.Word]:
            return EchoUpstream.Run();
        case [PassThrough.Word]:
            return PassThrough.Run();
        default:
            BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
            return 0;
    }
}
catch (BenchmarkException fault)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
