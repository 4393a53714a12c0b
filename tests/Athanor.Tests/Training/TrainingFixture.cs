using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Models.Specifications;
using Athanor.Tests.Evaluation;
using Athanor.Tests.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;

namespace Athanor.Tests.Training;

/// <summary>A small tokens artifact: running text, and conversations with a mask.</summary>
internal sealed class TrainingFixture : IDisposable
{
    public const string Text = "text";
    public const string Talk = "talk";

    private readonly TemporaryFolder _folder = new();

    public TrainingFixture()
    {
        Write(CorpusLayout.Train, Text, 60, 5, 90, masked: false);
        Write(CorpusLayout.Train, Talk, 80, 4, 30, masked: true);
        Write(CorpusLayout.Validation, Text, 12, 5, 90, masked: false);
        Write(CorpusLayout.Validation, Talk, 12, 4, 30, masked: true);
        TokenizerFolder.Write(TokenizerFixture.Tokenizer, _folder["tokens"]);
        Tokens = EvaluationCorpus.Open(_folder["tokens"], ArtifactKind.Tokens);
    }

    public static ModelPlan Plan { get; } = ModelPlan.From(TransformerSpec.Llama(TokenizerFixture.Tokenizer.VocabularySize, 32, 32, 2, 2, 1, 16, 48, tiedHead: true));

    public Artifact Tokens { get; }

    public string this[string relative] => _folder[relative];

    public StageContext Context(string name, IProgressReporter? progress = null, TimeProvider? clock = null, Dictionary<string, Artifact>? inputs = null) => new()
    {
        Inputs = inputs ?? new() { ["tokens"] = Tokens },
        OutputFolder = _folder[$"{name}/output"],
        CheckpointFolder = _folder[$"{name}/checkpoints"],
        Random = new RandomStreams(7),
        Progress = progress ?? new RecordingProgress(),
        Metrics = new MetricsLog(_folder[$"{name}/{MetricsLog.FileName}"], clock ?? TimeProvider.System),
        Clock = clock ?? TimeProvider.System,
    };

    public void Dispose() => _folder.Dispose();

    private void Write(string split, string part, int documents, int shortest, int longest, bool masked)
    {
        ChatTemplate template = ChatTemplate.For(TokenizerFixture.Tokenizer);
        int vocabulary = TokenizerFixture.Tokenizer.VocabularySize;
        using TokenShardWriter tokens = new(_folder[$"tokens/{TokensLayout.Shard(split, part)}"], vocabulary - 1);
        using TokenShardWriter mask = new(_folder[$"tokens/{TokensLayout.Mask(split, part)}"], 1);
        for (int i = 0; i < documents; i++)
        {
            RandomStream random = new RandomStreams(3).Open($"{split}/{part}", i);
            int[] ids = new int[random.NextInt32(shortest, longest + 1)];
            ids[0] = template.DocumentTokenId;
            for (int j = 1; j < ids.Length; j++)
            {
                // something to learn: each token is near the one before
                ids[j] = j == 1 ? random.NextInt32(5, vocabulary) : 5 + ((ids[j - 1] + random.NextInt32(3)) % (vocabulary - 5));
            }

            tokens.Append(ids);
            mask.Append([.. ids.Select((_, j) => j > ids.Length / 2 ? 1 : 0)]);
        }

        tokens.Complete();
        if (masked)
        {
            mask.Complete();
        }
    }
}
