// Kills a run over all stages at random moments and compares what it makes with what an undisturbed run makes.
//   dotnet run --project tests/Athanor.Killing -- [--moments 50] [--type fp32|bf16] [--how kill|power-cut|partial-power-cut] [--seed 1]
using System.Diagnostics;
using System.Globalization;
using Athanor.Core.Randomness;
using Athanor.Killing;

if (args is ["child", string folder, string childType, string watched])
{
    await KilledRun.WorkAsync(folder, childType, bool.Parse(watched)).ConfigureAwait(false);
    return 0;
}

string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : otherwise;
int moments = int.Parse(Option("--moments", "50"), CultureInfo.InvariantCulture);
string type = Option("--type", "fp32");
Disturbance how = Option("--how", "kill") switch
{
    "kill" => Disturbance.Kill,
    "power-cut" => Disturbance.PowerCut,
    "partial-power-cut" => Disturbance.PartialPowerCut,
    string other => throw new ArgumentException($"--how {other}: kill, power-cut or partial-power-cut"),
};
RandomStream random = new RandomStreams(long.Parse(Option("--seed", "1"), CultureInfo.InvariantCulture)).Open("killing");

string work = Directory.CreateTempSubdirectory("athanor-killing-").FullName;
string smooth = Path.Combine(work, "smooth");
Stopwatch watch = Stopwatch.StartNew();
using (Process whole = Start(smooth, type, false))
{
    await whole.WaitForExitAsync().ConfigureAwait(false);
    if (whole.ExitCode != 0)
    {
        Console.Error.WriteLine(await whole.StandardError.ReadToEndAsync().ConfigureAwait(false));
        return 1;
    }
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"undisturbed: {watch.Elapsed.TotalSeconds:F1} s"));
const int StrikesAStage = 3;
int struck = 0;
int runs = 0;
int faults = 0;
while (struck < moments)
{
    string disturbed = Path.Combine(work, $"run{runs++}");
    new TinyRun(disturbed, type).TakeMeasurements(new TinyRun(smooth, type));
    KilledRun run = new(disturbed, type, Start);
    bool ended = false;
    int inThisRun = 0;
    while (!ended)
    {
        // stage after stage, a few times each, somewhere in the time that it takes undisturbed; then it is left to end
        string? stage = struck < moments ? TinyRun.Stages.ElementAtOrDefault(inThisRun++ / StrikesAStage) : null;
        TimeSpan moment = stage is null ? TimeSpan.FromHours(1) : random.NextDouble() * new TinyRun(smooth, type).TimeOf(stage);
        ended = await run.DisturbAsync(how, stage, moment, random, CancellationToken.None).ConfigureAwait(false);
        struck += ended ? 0 : 1;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {runs}, {(ended ? "ended" : $"disturbance {struck}, {moment.TotalSeconds:F2} s into {stage}")}: {Standing(disturbed)}"));
    }

    IReadOnlyList<string> differences = Comparison.Differences(new TinyRun(smooth, type).Folder, new TinyRun(disturbed, type).Folder);
    faults += differences.Count;
    Console.WriteLine(differences.Count == 0 ? $"run {runs}: every artifact is the same" : $"run {runs}:\n  {string.Join("\n  ", differences)}");
}

Console.WriteLine($"{struck} disturbances ({how}, {type}) in {runs} runs, {faults} differences");
if (faults == 0)
{
    Directory.Delete(work, recursive: true);
}

return faults == 0 ? 0 : 1;

static string Standing(string folder)
{
    string run = new TinyRun(folder, "").Folder;
    return Directory.Exists(run) ? string.Join(' ', Directory.EnumerateDirectories(run).Select(Path.GetFileName).Order(StringComparer.Ordinal)) : "nothing";
}

static Process Start(string folder, string type, bool watched)
{
    Directory.CreateDirectory(folder);
    ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardError = true, WorkingDirectory = folder };
    foreach (string argument in (string[])["child", folder, type, watched.ToString()])
    {
        start.ArgumentList.Add(argument);
    }

    return Process.Start(start)!;
}
