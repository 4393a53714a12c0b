using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Evaluation.NGrams;
using Xunit;

namespace Athanor.Tests.Evaluation.NGrams;

public sealed class NGramDietTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-ngrams-").FullName;

    public NGramDietTests()
    {
        Write("documentation", [[0, 7, 8, 9], [0, 5, 6], [0, 1, 2, 3, 4]]);
        Write("conversations", [[0, 20, 21, 22], [0, 23, 24]]);
        Write("conversations.mask", [[0, 0, 1, 1], [0, 1, 1]]);
        Write("chains", [[0, 30]]);
        Write("chains.mask", [[0, 1]]);
    }

    private Artifact Tokens => EvaluationCorpus.Open(_folder, ArtifactKind.Tokens);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Running_text_is_what_has_no_mask() => Assert.Equal(["documentation"], NGramDiet.TextParts(Tokens));

    [Fact]
    public void There_is_one_of_all_text_and_two_of_what_the_model_saw()
    {
        IReadOnlyList<NGramDiet> diets = NGramDiet.For(Tokens, "pretrain", Model("""{ "tokens": 20, "mixture": [{ "part": "documentation", "share": 0.25 }, { "part": "conversations", "share": 0.75 }] }"""));
        Assert.Equal(["all text", "as much text as pretrain saw", "as much text and conversations as pretrain saw"], diets.Select(diet => diet.Name));

        // the conversations have no more than 7 tokens
        Assert.Equal([12, 5, 5 + 7], diets.Select(diet => diet.Total));
        foreach (NGramDiet diet in diets)
        {
            int[][] sequences = [.. diet.Read(Tokens, new RandomStreams(1)).Select(sequence => sequence.ToArray())];
            Assert.Equal(diet.Total, sequences.Sum(sequence => sequence.Length));
            Assert.All(sequences, sequence => Assert.Equal(0, sequence[0]));
        }
    }

    [Fact]
    public void A_model_from_elsewhere_is_compared_with_all_text_alone()
        => Assert.Equal("all text", Assert.Single(NGramDiet.For(Tokens, "other", Model(null))).Name);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{ \"tokens\": 20, \"mixture\": [{ \"part\": 3, \"share\": 0.25 }] }")]
    [InlineData("{ \"tokens\": 20, \"mixture\": [{ \"part\": \"a\", \"share\": 1 }, { \"part\": \"a\", \"share\": 1 }] }")]
    [InlineData("{ \"tokens\":")]
    public void A_broken_record_of_training_is_a_fault(string json) => Assert.Throws<AthanorException>(() => NGramDiet.For(Tokens, "pretrain", Model(json)));

    private Artifact Model(string? training)
    {
        string folder = Path.Combine(_folder, "model");
        if (training is not null)
        {
            AtomicFile.WriteText(Path.Combine(folder, "training.json"), training);
        }

        return EvaluationCorpus.Open(folder, ArtifactKind.Model);
    }

    private void Write(string part, int[][] sequences)
    {
        using TokenShardWriter writer = new(Path.Combine(_folder, TokensLayout.Shard(CorpusLayout.Train, part)), 255);
        foreach (int[] sequence in sequences)
        {
            writer.Append(sequence);
        }

        writer.Complete();
    }
}
