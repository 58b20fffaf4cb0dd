using WickrGateway.Audit;
using WickrGateway.Configuration;

namespace WickrGateway.Commands.Doctor;

/// <summary>The audit file, looked at without a lock and without writing, so that a gateway that has it open notices nothing.</summary>
internal static class AuditFileCheck
{
    public static CheckResult Check(AuditOptions options)
    {
        if (options.Path is not { } path)
            return CheckResult.Pass("none is configured; audit lines are on standard output alone");

        var name = FileFault.Printable(FileFault.FullPath(path));
        try
        {
            var (use, condition) = AuditFileInspection.Inspect(path, TimeProvider.System);
            var user = use switch
            {
                AuditFileUse.Held => "a gateway writes it",
                AuditFileUse.Free => "no gateway writes it",
                _ => "whether a gateway writes it cannot be told here",
            };
            return condition switch
            {
                AuditFileCondition.New => CheckResult.Pass($"{name} can be created"),
                AuditFileCondition.Changed => CheckResult.Fail(
                    $"{name} can be written, {user}, but it does not end where the last gateway left it: somebody replaced, cut or changed it",
                    "Keep the file and find out who did it; verify-audit shows where. The next start sets it aside and goes on in a new one"),
                AuditFileCondition.Partial when use != AuditFileUse.Held => CheckResult.Pass($"{name} can be written, {user}; it ends in a part of a line, which a crash left and the next start records"),
                _ => CheckResult.Pass($"{name} can be written, {user}, and its chain ends where it was left"),
            };
        }
        catch (Exception unusable) when (FileFault.IsUnusable(unusable))
        {
            return CheckResult.Fail(FileFault.Describe(path, "used", unusable), "Correct Audit:Path, or the owner and mode of the file, its .lock and its directory; the gateway's user must be able to write all three");
        }
    }
}
