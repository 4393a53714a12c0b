using System.Runtime.InteropServices;
using Athanor.Models.LanguageModels;
using TorchSharp;

namespace Athanor.Torch.LanguageModels;

/// <summary>Growing sequences over shared weights. Prompts are read together when the next step needs them.</summary>
internal sealed class TorchDecodingBatch(CachedTransformer transformer, LanguageModelInfo info, DecodingOptions options) : IDecodingBatch
{
    private readonly CachedSequence?[] _sequences = new CachedSequence?[options.MaximumSequences];
    private readonly List<CachedToken> _unread = [];
    private readonly Dictionary<CachedSequence, int> _lengths = [];

    public SequenceHandle Add(ReadOnlySpan<int> prompt)
    {
        int limit = Math.Min(options.MaximumTokens, info.ContextLength);
        if (prompt.IsEmpty || prompt.Length > limit)
        {
            throw new InvalidOperationException($"a prompt of {prompt.Length} tokens does not fit a batch of 1 to {limit} tokens a sequence");
        }

        int place = FreePlace();
        CachedSequence sequence = transformer.Open();
        for (int i = 0; i < prompt.Length - 1; i++)
        {
            _unread.Add(new CachedToken(sequence, i, Checked(prompt[i])));
        }

        _sequences[place] = sequence;
        _lengths[sequence] = prompt.Length - 1;
        return new SequenceHandle(place);
    }

    public SequenceHandle Fork(SequenceHandle sequence)
    {
        CachedSequence original = Find(sequence);
        int place = FreePlace();
        ReadPrompts();
        CachedSequence copy = original.Copy();
        _sequences[place] = copy;
        _lengths[copy] = _lengths[original];
        return new SequenceHandle(place);
    }

    public void Truncate(SequenceHandle sequence, int length)
    {
        CachedSequence found = Find(sequence);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _lengths[found]);
        ReadPrompts();
        _lengths[found] = length;
        found.Length = length;
    }

    public void Extend(SequenceHandle sequence, ReadOnlySpan<int> tokens, LogitsBuffer logits)
    {
        CachedSequence found = Find(sequence);
        int length = _lengths[found];
        int limit = Math.Min(options.MaximumTokens, info.ContextLength);
        if (length + tokens.Length > limit)
        {
            throw new InvalidOperationException($"{tokens.Length} tokens do not fit a sequence that has {length} of at most {limit}");
        }

        for (int i = 0; i < tokens.Length; i++)
        {
            _unread.Add(new CachedToken(found, length + i, Checked(tokens[i])));
        }

        _lengths[found] = length + tokens.Length;
    }

    public void Remove(SequenceHandle sequence)
    {
        CachedSequence found = Find(sequence);
        _unread.RemoveAll(token => token.Sequence == found);
        _lengths.Remove(found);
        _sequences[sequence.Id] = null;
    }

    public void Step(ReadOnlySpan<SequenceInput> inputs, LogitsBuffer logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (inputs.Length > logits.Rows || logits.VocabularySize != info.VocabularySize)
        {
            throw new ArgumentException($"a buffer of {logits.Rows} × {logits.VocabularySize} does not hold {inputs.Length} rows of {info.VocabularySize} logits", nameof(logits));
        }

        List<CachedToken> tokens = new(inputs.Length);
        foreach (SequenceInput input in inputs)
        {
            CachedSequence sequence = Find(input.Sequence);
            int position = _lengths[sequence];
            if (position >= Math.Min(options.MaximumTokens, info.ContextLength))
            {
                throw new InvalidOperationException($"the sequence already has {position} tokens, all that the batch allows");
            }

            tokens.Add(new CachedToken(sequence, position, Checked(input.Token)));
        }

        ReadPrompts();
        foreach (CachedToken token in tokens)
        {
            _lengths[token.Sequence] = token.Position + 1;
        }

        transformer.Read(tokens, null, (hidden, rows) =>
        {
            using torch.Tensor all = transformer.Logits(hidden);
            using torch.Tensor single = all.to(torch.ScalarType.Float32);
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(single.bytes);
            for (int i = 0; i < rows.Count; i++)
            {
                values.Slice(i * info.VocabularySize, info.VocabularySize).CopyTo(logits.Row(rows[i]));
            }
        });
    }

    public void Dispose()
    {
        _unread.Clear();
        _lengths.Clear();
        Array.Clear(_sequences);
    }

    private void ReadPrompts()
    {
        if (_unread.Count > 0)
        {
            transformer.Read(_unread, null, null);
            _unread.Clear();
        }
    }

    private int FreePlace()
    {
        int place = Array.IndexOf(_sequences, null);
        return place >= 0 ? place : throw new InvalidOperationException($"the batch is full: it holds {options.MaximumSequences} sequences");
    }

    private CachedSequence Find(SequenceHandle handle) =>
        (uint)handle.Id < (uint)_sequences.Length && _sequences[handle.Id] is { } sequence ? sequence : throw new InvalidOperationException($"the batch has no sequence {handle.Id}");

    private int Checked(int token) => (uint)token < (uint)info.VocabularySize ? token : throw new ArgumentOutOfRangeException(nameof(token), token, $"token ids are 0 to {info.VocabularySize - 1}");
}
