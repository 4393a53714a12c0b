using System.Globalization;
using Athanor.Cli.Stages;
using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Athanor.Core.Stages;

namespace Athanor.Killing;

/// <summary>A run over all stages that takes seconds and writes a checkpoint at every step.</summary>
/// <param name="folder">Where its text, recipe and run lie.</param>
/// <param name="type">The number type: <c>fp32</c> or <c>bf16</c>.</param>
internal sealed class TinyRun(string folder, string type)
{
    public const string Name = "tiny";

    /// <summary>What the run makes.</summary>
    public string Folder => Path.Combine(folder, "runs", Name);

    /// <summary>Appears when the run begins.</summary>
    public string Log => Path.Combine(folder, "log");

    /// <summary>The stages, in their order.</summary>
    public static IReadOnlyList<string> Stages => ["corpus", "tokenizer", "tokens", "pretrain", "tune", "evaluate", "report"];

    /// <summary>Whether a stage has begun or is done.</summary>
    public bool Reached(string stage) => Directory.Exists(Path.Combine(Folder, stage)) || Directory.Exists(Path.Combine(Folder, $".partial-{stage}"));

    /// <summary>How long a stage of a finished run took.</summary>
    public TimeSpan TimeOf(string stage) => TimeSpan.FromSeconds(Artifact.Open(Path.Combine(Folder, stage)).Manifest.Cost.Seconds);

    /// <summary>Runs what is not done.</summary>
    /// <param name="warnings">Takes what the run warns of; null where nobody asks.</param>
    public async Task RunAsync(ICollection<string>? warnings = null)
    {
        Prepare();
        Recipe recipe = new RecipeReader(StageCatalog.All()).Read(Path.Combine(folder, "recipe.yaml"), new RecipeOptions());
        AtomicFile.WriteText(Log, "working");
        await new RecipeRunner(Path.Combine(folder, "runs"), new Quiet(warnings), TimeProvider.System).RunAsync(recipe, null, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Takes over what another run measured of this machine, by which it chose between libraries.</summary>
    public void TakeMeasurements(TinyRun other)
    {
        string measured = Path.Combine(Path.GetDirectoryName(other.Folder)!, MachineMeasurements.FileName);
        Directory.CreateDirectory(Path.Combine(folder, "runs"));
        if (File.Exists(measured))
        {
            File.Copy(measured, Path.Combine(folder, "runs", MachineMeasurements.FileName), overwrite: true);
        }
    }

    /// <summary>Writes the text and the recipe.</summary>
    public void Prepare()
    {
        if (File.Exists(Path.Combine(folder, "recipe.yaml")))
        {
            return;
        }

        string[] words = ["river", "stone", "cloud", "garden", "silver", "winter", "harbour", "letter", "window", "morning"];
        for (int text = 0; text < 30; text++)
        {
            IEnumerable<string> lines = Enumerable.Range(0, 12).Select(line => string.Create(CultureInfo.InvariantCulture,
                $"The {words[(text + line) % 10]} of {words[(text * 3 + line * 7) % 10]} number {text * 12 + line} stands by the {words[(text * 7 + line) % 10]}."));
            AtomicFile.WriteText(Path.Combine(folder, "texts", $"text{text}.txt"), string.Join('\n', lines));
        }

        AtomicFile.WriteText(Path.Combine(folder, "recipe.yaml"), $$"""
            name: {{Name}}
            seed: 1
            stages:
              corpus: { use: corpus.build, path: "{{Path.GetFullPath(Path.Combine(folder, "texts"))}}", problems: true, chains: 60, operations: 20, last_letters: 10, coin_flips: 10, dates: 10, small_talk: 20, dialogues: 10, held_out_problems: 6 }
              tokenizer: { use: tokenizer.train, vocabulary_size: 320 }
              tokens: { use: tokens.encode }
              pretrain: { use: model.pretrain, corpus: corpus, depth: 1, training_tokens: 3000, batch_rows: 1, number_type: {{type}}, validation_every_tokens: 1500, probe_every_tokens: 3000, checkpoint_seconds: 0 }
              tune: { use: model.tune, corpus: corpus, training_tokens: 1500, batch_rows: 1, number_type: {{type}}, validation_every_tokens: 1500, probe_every_tokens: 3000, checkpoint_seconds: 0 }
              evaluate: { use: model.evaluate, models: [pretrain, tune], tasks: [chains.step, bits_per_byte], limit: 2, n_gram_order: 2 }
              report: { use: report.write }
            """);
    }

    private sealed class Quiet(ICollection<string>? warnings) : IRunReporter, IProgressTask
    {
        public IProgressTask Begin(string name, long? total, string unit) => this;

        public void Say(string line)
        {
        }

        public void Warn(string line) => warnings?.Add(line);

        public void Report(long done, string? figures = null)
        {
        }

        public void StageStarted(PlannedStage stage, int number, int count)
        {
        }

        public void StageSkipped(PlannedStage stage, int number, int count)
        {
        }

        public void StageFinished(PlannedStage stage, Artifact artifact)
        {
        }

        public void Dispose()
        {
        }
    }
}
