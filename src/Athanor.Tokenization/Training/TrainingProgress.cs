using Athanor.Core.Stages;

namespace Athanor.Tokenization.Training;

/// <summary>Tells a reporter how far a training is: bytes of text while words are counted, tokens while they are learnt, rounds of a unigram model.</summary>
internal sealed class TrainingProgress(IProgressReporter reporter, TokenizerTrainingOptions options) : IDisposable
{
    /// <summary>The step that learns tokens.</summary>
    public const string Tokens = "learning tokens";

    private readonly Lock _lock = new();
    private string? _what;
    private IProgressTask? _task;

    /// <summary>Takes what is being done, how many units of it are done, and a figure.</summary>
    public void Report(string what, long done, long figure)
    {
        lock (_lock)
        {
            if (what != _what)
            {
                _task?.Dispose();
                _what = what;
                _task = what switch
                {
                    "counting words" => reporter.Begin(what, options.TextBytes, "bytes"),
                    Tokens => reporter.Begin(what, options.VocabularySize, "tokens"),
                    _ => reporter.Begin(what, null, options.Kind == VocabularyKind.Unigram ? "rounds" : "pieces"),
                };
            }

            _task!.Report(done, options.Kind == VocabularyKind.Unigram && what == "learning pieces" ? $"{figure:N0} pieces" : null);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _task?.Dispose();
            _task = null;
        }
    }
}
