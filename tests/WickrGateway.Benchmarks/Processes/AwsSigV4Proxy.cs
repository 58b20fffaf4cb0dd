namespace WickrGateway.Benchmarks.Processes;

/// <summary><see href="https://github.com/awslabs/aws-sigv4-proxy">aws-sigv4-proxy</see>, which only signs. It is written in Go and keeps no more than two idle connections to its upstream.</summary>
internal static class AwsSigV4Proxy
{
    /// <param name="program">The path of its executable.</param>
    public static ServerPlan Plan(string program) => ServerPlan.Shell(
        "aws-sigv4-proxy",
        $$"""env AWS_ACCESS_KEY_ID=AKIDBENCHMARK0000000 AWS_SECRET_ACCESS_KEY=benchmark-secret-access-key-that-opens-nothing "{{program}}" --port "127.0.0.1:$PORT" --host "${UPSTREAM#http://}" --upstream-url-scheme http --name wickr --region us-east-1""");
}
