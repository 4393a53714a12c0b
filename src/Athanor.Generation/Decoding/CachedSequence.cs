using Athanor.Models.LanguageModels;

namespace Athanor.Generation.Decoding;

/// <summary>
/// One sequence of a model that is kept between prompts: what a new prompt shares with it from the beginning is not computed again. The batch is opened
/// when it is first needed.
/// </summary>
/// <param name="model">The model, which stays the caller's.</param>
internal sealed class CachedSequence(ILanguageModel model) : IDisposable
{
    private readonly LogitsBuffer _logits = new(1, model.Info.VocabularySize);
    private readonly List<int> _taken = [];
    private IDecodingBatch? _batch;
    private SequenceHandle _sequence;

    /// <summary>How many tokens of the last prompt were there already.</summary>
    public int Reused { get; private set; }

    /// <summary>Takes in a prompt but its last token.</summary>
    public void Prepare(ReadOnlySpan<int> prompt)
    {
        ReadOnlySpan<int> wanted = prompt[..^1];
        if (_batch is null)
        {
            Reused = 0;
            _batch = model.OpenBatch(new DecodingOptions(1, model.Info.ContextLength));
            _sequence = _batch.Add(prompt);
            _taken.AddRange(wanted);
            return;
        }

        Reused = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_taken).CommonPrefixLength(wanted);
        if (Reused < _taken.Count)
        {
            _batch.Truncate(_sequence, Reused);
            _taken.RemoveRange(Reused, _taken.Count - Reused);
        }

        if (Reused < wanted.Length)
        {
            _batch.Extend(_sequence, wanted[Reused..], _logits);
            _taken.AddRange(wanted[Reused..]);
        }
    }

    /// <summary>Feeds a token and gives the logits that follow it, valid until the next step.</summary>
    public Span<float> Step(int token)
    {
        _batch!.Step([new SequenceInput(_sequence, token)], _logits);
        _taken.Add(token);
        return _logits.Row(0);
    }

    /// <inheritdoc/>
    public void Dispose() => _batch?.Dispose();
}
