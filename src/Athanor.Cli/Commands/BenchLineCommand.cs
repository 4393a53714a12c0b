using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Stages;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Files;
using Athanor.Core.Machine;
using Athanor.Core.Randomness;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Athanor.Core.Stages;
using Athanor.Evaluation.Harness;
using Athanor.Evaluation.NGrams;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Models.LanguageModels;
using Athanor.Statistics.NGrams;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.LanguageModels;
using Athanor.Training.Pretraining;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench line</c>: what the quickstart's line takes beside training, each part by the code that the line uses, with a fresh model of the quickstart's size.</summary>
internal static class BenchLineCommand
{
    private const string Recipe = """
        name: line
        stages:
          corpus: { use: corpus.build }
          tokenizer: { use: tokenizer.train, parts: [documentation, conversations, chains, operations], vocabulary_size: 4096, whole_numbers: 99 }
          tokens: { use: tokens.encode }
        """;

    private const int GramOrder = 5;
    private const int Questions = 100;
    private const int Problems = 32;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("line", "Time what the quickstart does apart from training: corpus, tokenizer, tokens, n-gram model, multiple choice, generation.") { json };
        command.SetAction(async (result, cancellation) =>
        {
            JsonObject figures = await MeasureAsync(cancellation).ConfigureAwait(false);
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(figures.ToJsonString(Indented));
            }
            else
            {
                foreach ((string name, JsonNode? value) in figures)
                {
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name.Replace('_', ' '),-44} {value}"));
                }
            }

            return CommandFrame.Done;
        });
        return command;
    }

    private static async Task<JsonObject> MeasureAsync(CancellationToken cancellation)
    {
        JsonObject figures = new() { ["cores"] = Environment.ProcessorCount, ["sha256_mb_per_second"] = Math.Round(Calibration.Sha256() / 1e6) };
        DirectoryInfo folder = Directory.CreateTempSubdirectory("athanor-bench-");
        try
        {
            string path = Path.Combine(folder.FullName, "line.yaml");
            AtomicFile.WriteText(path, Recipe);
            Recipe recipe = new RecipeReader(StageCatalog.All()).Read(path, new RecipeOptions());
            RunPlan plan = await new RecipeRunner(folder.FullName, Quiet.Instance, TimeProvider.System).RunAsync(recipe, null, cancellation).ConfigureAwait(false);
            Artifact[] artifacts = [.. plan.Stages.Select(stage => Artifact.Open(stage.Folders.Final))];
            foreach ((PlannedStage stage, Artifact artifact) in plan.Stages.Zip(artifacts))
            {
                figures[$"{stage.Stage.Name}_seconds"] = Math.Round(artifact.Manifest.Cost.Seconds, 2);
            }

            figures["text_to_tokens_seconds"] = Math.Round(artifacts[0].Manifest.Cost.Seconds + artifacts[2].Manifest.Cost.Seconds, 2);
            Tokenizer tokenizer = Tokenizer.Load(artifacts[2].Folder);
            figures["encoding_mb_per_second_one_core_warm"] = Math.Round(EncodingSpeed(tokenizer, artifacts[0]), 1);
            EvaluationData data = new(artifacts[0].Folder, CorpusLayout.Test);
            figures["5_gram_seconds"] = Math.Round(NGram(tokenizer, artifacts[2], data, cancellation), 2);
            Evaluation(figures, tokenizer, data, folder.FullName, cancellation);
            return figures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double EncodingSpeed(Tokenizer tokenizer, Artifact corpus)
    {
        string[] texts = [.. JsonLines.Read<Document>(corpus.PathOf(CorpusLayout.Documents(CorpusLayout.Train, "documentation"))).Select(document => document.Text)];
        double bytes = texts.Sum(text => (double)Encoding.UTF8.GetByteCount(text));
        List<int> ids = [];
        double best = 0;
        for (int round = 0; round < 3; round++)
        {
            long start = Stopwatch.GetTimestamp();
            foreach (string text in texts)
            {
                ids.Clear();
                tokenizer.Encode(text, ids);
            }

            best = Math.Max(best, bytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static double NGram(Tokenizer tokenizer, Artifact tokens, EvaluationData data, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        using TokenShard shard = TokenShard.Open(tokens.PathOf(TokensLayout.Shard(CorpusLayout.Train, "documentation")));
        NGramModel counts = NGramModel.Train(
            Enumerable.Range(0, shard.Sequences).Select(sequence => (ReadOnlyMemory<int>)shard.ReadSequence(sequence)), GramOrder, tokenizer.VocabularySize, ChatTemplate.For(tokenizer).DocumentTokenId, cancellation);
        using NGramLanguageModel model = new("5-gram", counts, tokenizer);
        new EvaluationHarness(data, null, Quiet.Instance).Ask(new EvaluatedModel("5-gram", "", 0, 0, IsNGram: true), model, [new BitsPerByte(["documentation"])], cancellation);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Evaluation(JsonObject figures, Tokenizer tokenizer, EvaluationData data, string folder, CancellationToken cancellation)
    {
        PretrainingPlan plan = PretrainingPlan.From(new PretrainSettings { TrainingTokens = 1 }, tokenizer.VocabularySize);
        using AutogradTransformer transformer = AutogradTransformer.Create(plan.Model, FloatType.Float32, new RandomStreams(0));
        using TorchLanguageModel model = TorchLanguageModel.Over("fresh", plan.Model, transformer, tokenizer);
        using OneByOne alone = new(model);
        double[][] together = Choices(model, "together", out double togetherSeconds);
        double[][] each = Choices(alone, "each", out double eachSeconds);
        double difference = together.Zip(each).Max(pair => pair.First.Zip(pair.Second).Max(scores => Math.Abs(scores.First - scores.Second)));
        figures["multiple_choice_questions_per_second"] = Math.Round(Questions / togetherSeconds, 1);
        figures["multiple_choice_against_a_pass_a_choice"] = Math.Round(eachSeconds / togetherSeconds, 2);
        figures["multiple_choice_largest_difference_nats"] = difference;
        double batched = Chains(Problems);
        figures["generation_problems_per_second"] = Math.Round(Problems / batched, 1);
        figures["generation_against_one_at_a_time"] = Math.Round(Chains(1) / batched, 2);

        double[][] Choices(ILanguageModel asked, string name, out double seconds)
        {
            EvaluationHarness harness = new(data, null, Quiet.Instance) { Limit = Questions };
            Ask(harness, asked, "multiple_choice", out seconds);
            string samples = Path.Combine(folder, name);
            harness.WriteSamples(samples, cancellation);
            return [.. JsonLines.Read<EvaluatedSample>(Path.Combine(samples, EvaluationScores.Samples("multiple_choice"))).Select(sample => sample.ChoiceScores!.ToArray())];
        }

        double Chains(int batch)
        {
            Ask(new EvaluationHarness(data, null, Quiet.Instance) { Limit = Problems, BatchSize = batch }, model, "chains.direct", out double seconds);
            return seconds;
        }

        void Ask(EvaluationHarness harness, ILanguageModel asked, string task, out double seconds)
        {
            long start = Stopwatch.GetTimestamp();
            harness.Ask(new EvaluatedModel("fresh", "", 0, 0, IsNGram: false), asked, [TaskCatalogue.Find(task)], cancellation);
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    // a pass of its own for every choice of every question
    private sealed class OneByOne(ILanguageModel model) : ILanguageModel
    {
        public LanguageModelInfo Info => model.Info;

        public Tokenizer Tokenizer => model.Tokenizer;

        public ChatTemplate ChatTemplate => model.ChatTemplate;

        public IReadOnlyList<float[]> Score(IReadOnlyList<ScoringRequest> requests, CancellationToken cancellation) => [.. requests.Select(request => model.Score([request], cancellation)[0])];

        public IDecodingBatch OpenBatch(DecodingOptions options) => model.OpenBatch(options);

        public void Dispose()
        {
        }
    }

    private sealed class Quiet : IRunReporter, IProgressTask
    {
        public static readonly Quiet Instance = new();

        public IProgressTask Begin(string name, long? total, string unit) => this;

        public void Say(string line)
        {
        }

        public void Warn(string line)
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

        public void Report(long done, string? figures = null)
        {
        }

        public void Dispose()
        {
        }
    }
}
