using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BenchmarkDotNet.Validators;

namespace WickrGateway.Benchmarks.Micro;

/// <summary><c>--smoke</c>: runs each benchmark once in this process, without measuring, so that the build finds those that no longer run.</summary>
internal static class Smoke
{
    public static int Run()
    {
        var config = new ManualConfig()
            .AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance))
            .AddLogger(ConsoleLogger.Default)
            .AddValidator(ExecutionValidator.FailOnError)
            .WithArtifactsPath(Directory.CreateTempSubdirectory("wickr-gateway-benchmarks-").FullName)
            .WithOptions(ConfigOptions.DisableOptimizationsValidator);
        try
        {
            var benchmarks = Assembly.GetExecutingAssembly().GetTypes().Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(BenchmarkDotNet.Attributes.BenchmarkAttribute))));
            var summaries = BenchmarkRunner.Run([.. benchmarks], config);
            var reports = summaries.SelectMany(summary => summary.Reports).ToList();
            var failed = reports.Where(report => !report.Success).Select(report => report.BenchmarkCase.DisplayInfo).ToList();
            if (reports.Count == 0 || failed.Count > 0 || summaries.Any(summary => summary.HasCriticalValidationErrors))
                throw new BenchmarkException($"These benchmarks failed: {string.Join(", ", failed)}");

            Console.WriteLine($"{reports.Count} benchmarks ran once each");
            return 0;
        }
        finally
        {
            Directory.Delete(config.ArtifactsPath, recursive: true);
        }
    }
}
