// Damages each kind of file the tool reads in very many ways and reads it: a correct read or an AthanorException; never another exception, a crash, a hang, or much memory.
//   dotnet run -c Release --project tests/Athanor.Fuzz -- [--count 100000] [--kind NAME] [--from 0]
// Each kind is read in a process of its own with a bounded heap; where that dies or hangs, the damage that did it is named and the next process goes on behind it.
using System.Diagnostics;
using System.Globalization;
using Athanor.Fuzz;

const int Failed = 1;
string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : otherwise;
if (args is ["worker", string kind, string first, string many])
{
    return Work(FuzzTarget.All.Single(target => target.Name == kind), int.Parse(first, CultureInfo.InvariantCulture), int.Parse(many, CultureInfo.InvariantCulture));
}

int count = int.Parse(Option("--count", "100000"), CultureInfo.InvariantCulture);
int from = int.Parse(Option("--from", "0"), CultureInfo.InvariantCulture);
string only = Option("--kind", "");
FuzzTarget[] targets = [.. FuzzTarget.All.Where(target => only.Length == 0 || target.Name == only)];
if (targets.Length == 0)
{
    Console.Error.WriteLine($"no kind {only}; kinds: {string.Join(", ", FuzzTarget.All.Select(target => target.Name))}");
    return 2;
}

int faults = 0;
foreach (FuzzTarget target in targets)
{
    faults += await FuzzAsync(target).ConfigureAwait(false);
}

Console.WriteLine($"{targets.Length} kinds, {count:N0} damages each, {faults} faults");
return faults == 0 ? 0 : Failed;

async Task<int> FuzzAsync(FuzzTarget target)
{
    Stopwatch watch = Stopwatch.StartNew();
    int found = 0;
    long refused = 0;
    int next = from;
    while (next < from + count)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["worker", target.Name, next.ToString(CultureInfo.InvariantCulture), (from + count - next).ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        // half a gibibyte: what a reader takes beyond it ends the worker, which counts as a fault
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x20000000";
        using Process worker = Process.Start(start)!;
        Task<string> errors = worker.StandardError.ReadToEndAsync();
        int reached = next - 1;
        bool ended = false;
        while (await worker.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            string[] parts = line.Split(' ', 2);
            switch (parts[0])
            {
                case "at":
                    reached = int.Parse(parts[1], CultureInfo.InvariantCulture);
                    break;
                case "refused":
                    refused += long.Parse(parts[1], CultureInfo.InvariantCulture);
                    ended = true;
                    break;
                default:
                    found++;
                    Console.WriteLine($"  {line}");
                    break;
            }
        }

        await worker.WaitForExitAsync().ConfigureAwait(false);
        if (!ended)
        {
            found++;
            Console.WriteLine($"  {target.Name}: the worker died (exit code {worker.ExitCode}) at or up to {Batch.Size - 1} damages behind {reached}: {(await errors.ConfigureAwait(false)).Split('\n')[0]}");
            next = reached + Batch.Size;
        }
        else
        {
            next = from + count;
        }
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name,-16} {count,9:N0} damages, {refused,9:N0} refused, {found} faults, {watch.Elapsed.TotalSeconds:F0} s"));
    return found;
}

static int Work(FuzzTarget target, int from, int count)
{
    string folder = Directory.CreateTempSubdirectory("athanor-fuzz-").FullName;
    long begun = Stopwatch.GetTimestamp();
    int current = from;
    using Timer watch = new(_ =>
    {
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref begun)) > FuzzTarget.MostTime)
        {
            Console.WriteLine($"{target.Name} {Volatile.Read(ref current)}: not read within {FuzzTarget.MostTime.TotalSeconds} s");
            Console.Out.Flush();
            Environment.Exit(Failed);
        }
    }, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    long refused = 0;
    for (int done = 0; done < count; done += Batch.Size)
    {
        Console.WriteLine($"at {from + done}");
        (int some, IReadOnlyList<string> faults) = target.Run(folder, from + done, Math.Min(Batch.Size, count - done), number =>
        {
            Volatile.Write(ref begun, Stopwatch.GetTimestamp());
            Volatile.Write(ref current, number);
        });
        refused += some;
        foreach (string fault in faults)
        {
            Console.WriteLine(fault.ReplaceLineEndings(" "));
        }
    }

    Directory.Delete(folder, recursive: true);
    Console.WriteLine($"refused {refused}");
    return 0;
}

internal static class Batch
{
    public const int Size = 250;
}
