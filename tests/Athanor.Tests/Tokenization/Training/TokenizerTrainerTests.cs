using Athanor.Core.Errors;
using Athanor.Core.Stages;
using Athanor.Tests.Evaluation;
using Athanor.Tokenization;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Training;
using Xunit;

namespace Athanor.Tests.Tokenization.Training;

public sealed class TokenizerTrainerTests : IDisposable
{
    private static readonly IReadOnlyList<string> Texts = CountedTexts.Make(150, 40, "trainer");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(VocabularyKind.BytePairs, false)]
    [InlineData(VocabularyKind.Unigram, false)]
    [InlineData(VocabularyKind.WordPiece, false)]
    [InlineData(VocabularyKind.WordLevel, false)]
    [InlineData(VocabularyKind.BytePairs, true)]
    [InlineData(VocabularyKind.Unigram, true)]
    [InlineData(VocabularyKind.WordLevel, true)]
    public void Threads_and_memory_change_not_a_byte(VocabularyKind kind, bool sentencePiece)
    {
        TokenizerTrainingOptions options = new() { Kind = kind, VocabularySize = 400, SentencePiece = sentencePiece, Threads = 1 };
        byte[] expected = File.ReadAllBytes(Train(Texts, options, "one"));
        Assert.Equal(expected, File.ReadAllBytes(Train(Texts, options with { Threads = 3 }, "two")));
        Assert.Equal(expected, File.ReadAllBytes(Train(Texts, options with { Threads = 2, MemoryLimit = 1_000_000 }, "three")));
        Assert.False(Directory.Exists(_folder["three/.checkpoint"]));
    }

    [Theory]
    [InlineData(VocabularyKind.BytePairs, false)]
    [InlineData(VocabularyKind.Unigram, false)]
    [InlineData(VocabularyKind.BytePairs, true)]
    [InlineData(VocabularyKind.Unigram, true)]
    public void A_stopped_training_gives_the_same_file_in_the_end(VocabularyKind kind, bool sentencePiece)
    {
        TokenizerTrainingOptions options = new() { Kind = kind, VocabularySize = 400, SentencePiece = sentencePiece, Threads = 2 };
        byte[] expected = File.ReadAllBytes(Train(Texts, options, "whole"));
        bool stopped = false;
        foreach (int report in (int[])[1, 3])
        {
            using CancellationTokenSource stop = new();
            try
            {
                TokenizerTrainer.Train(Texts, options, _folder["stopped"], new StoppingProgress(stop, report), TimeProvider.System, stop.Token);
            }
            catch (OperationCanceledException)
            {
                stopped = true;
            }
        }

        Assert.True(stopped);
        Assert.Equal(expected, File.ReadAllBytes(Train(Texts, options, "stopped")));
    }

    [Fact]
    public void What_was_trained_encodes_and_decodes()
    {
        string text = Texts[3];
        Tokenizer bytePairs = Tokenizer.Load(Train(Texts, new TokenizerTrainingOptions { VocabularySize = 400 }, "bpe"));
        Assert.Equal(text + " never seen", bytePairs.Decode(bytePairs.Encode(text + " never seen")));
        Tokenizer unigram = Tokenizer.Load(Train(Texts, new TokenizerTrainingOptions { VocabularySize = 400, Kind = VocabularyKind.Unigram }, "unigram"));
        Assert.Equal(text, unigram.Decode(unigram.Encode(text)));
        Assert.Equal(400, unigram.VocabularySize);
        SentencePieceModel model = SentencePieceModel.Open(Train(Texts, new TokenizerTrainingOptions { VocabularySize = 400, SentencePiece = true }, "sentencepiece"));
        Assert.Equal(text.Trim(), model.Decode(model.Encode(text)));
    }

    [Fact]
    public void A_vocabulary_without_room_is_refused()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => Train(Texts, new TokenizerTrainingOptions { VocabularySize = 100 }, "small"));
        Assert.Contains("261", fault.Cure, StringComparison.Ordinal);
        Assert.Throws<AthanorException>(() => Train(Texts, new TokenizerTrainingOptions { Kind = VocabularyKind.WordPiece, SentencePiece = true }, "none"));
    }

    [Fact]
    public void SentencePiece_settings_that_contradict_each_other_are_refused()
    {
        void Refused(Action<TrainerSpec> change)
        {
            TrainerSpec spec = new() { VocabularySize = 100 };
            change(spec);
            Assert.Throws<AthanorException>(() => SentencePieceTrainer.Train(Texts, spec, new NormalizerSpec { Name = "identity" }, new TrainingResources(), TestContext.Current.CancellationToken));
        }

        Refused(spec => spec.VocabularySize = 8);
        Refused(spec => spec.VocabularySize = 100_000);
        Refused(spec => spec.BeginningId = 0);
        Refused(spec => spec.PaddingId = 1000);
        Refused(spec => spec.UserDefinedSymbols = ["x", "x"]);
        Refused(spec => spec.CharacterCoverage = 0.5f);
        Refused(spec => spec.UseAllVocabulary = true);
    }

    private string Train(IEnumerable<string> texts, TokenizerTrainingOptions options, string folder) =>
        TokenizerTrainer.Train(texts, options, _folder[folder], new RecordingProgress(), TimeProvider.System, TestContext.Current.CancellationToken).Path;

    /// <summary>Stops the work at a report.</summary>
    private sealed class StoppingProgress(CancellationTokenSource stop, int at) : IProgressReporter
    {
        private int _reports;

        public IProgressTask Begin(string name, long? total, string unit) => new Step(this);

        public void Say(string line)
        {
        }

        public void Warn(string line)
        {
        }

        private sealed class Step(StoppingProgress reporter) : IProgressTask
        {
            public void Report(long done, string? figures = null)
            {
                if (Interlocked.Increment(ref reporter._reports) >= reporter.At)
                {
                    reporter.Stop();
                }
            }

            public void Dispose()
            {
            }
        }

        private int At => at;

        private void Stop() => stop.Cancel();
    }
}
