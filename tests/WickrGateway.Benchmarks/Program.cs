using System.Reflection;
using BenchmarkDotNet.Running;
using WickrGateway.Benchmarks;
using WickrGateway.Benchmarks.Chaos;
using WickrGateway.Benchmarks.Comparing;
using WickrGateway.Benchmarks.Micro;
using WickrGateway.Benchmarks.Processes;
using WickrGateway.Benchmarks.Scaling;
using WickrGateway.Benchmarks.Soak;

try
{
    switch (args)
    {
        case ["chaos", .. var rest]:
            return await ChaosCommand.RunAsync(rest);
        case ["bulk", .. var rest]:
            return await BulkCommand.RunAsync(rest);
        case ["compare", .. var rest]:
            return CompareCommand.Run(rest);
        case ["scale", .. var rest]:
            return ScaleCommand.Run(rest);
        case ["soak", .. var rest]:
            return await SoakCommand.RunAsync(rest);
        case ["--smoke", ..]:
            return Smoke.Run();

        // Started by compare and scale as separate processes.
        case [EchoUpstream.Command]:
            return EchoUpstream.Run();
        case [PassThrough.Command]:
            return PassThrough.Run();
        default:
            BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
            return 0;
    }
}
catch (BenchmarkException failure)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}
