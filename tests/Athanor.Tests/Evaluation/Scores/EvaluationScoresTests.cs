using System.Text;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Evaluation.Harness;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Tests.Generation;
using Xunit;

namespace Athanor.Tests.Evaluation.Scores;

public sealed class EvaluationScoresTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-scores-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_damaged_file_is_read_or_is_a_fault()
    {
        using EvaluationCorpus corpus = new();
        EvaluationHarness harness = new(new EvaluationData(corpus.Folder, CorpusLayout.Test), workFolder: null, new RecordingProgress());
        harness.Ask(new EvaluatedModel("first", "", 1, null, IsNGram: false), FakeLanguageModel.Saying("3"), harness.Choose(["operations"]), TestContext.Current.CancellationToken);
        Try(EvaluationScores.FileName, harness.Collect().ToJson(), () => EvaluationScores.Read(_folder).ToJson());
    }

    [Fact]
    public void A_damaged_record_of_training_is_read_or_is_a_fault()
        => Try("training.json", """{ "tokens": 20, "mixture": [{ "part": "documentation", "share": 0.25 }, { "part": "chains", "share": 0.75 }] }""", () => TrainingRecord.TokensByPart(_folder));

    private void Try(string file, string text, Func<object> read)
    {
        int faults = 0;
        foreach (byte[] bytes in Mutation.Of(Encoding.UTF8.GetBytes(text), 300, $"tests/{file}"))
        {
            using (FileStream stream = File.Create(Path.Combine(_folder, file)))
            {
                stream.Write(bytes);
            }

            try
            {
                read();
            }
            catch (AthanorException fault)
            {
                Assert.Contains(file, fault.Message);
                faults++;
            }
        }

        Assert.InRange(faults, 1, 299);
    }
}
