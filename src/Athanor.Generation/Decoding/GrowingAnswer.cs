using System.Text;
using Athanor.Core.Randomness;
using Athanor.Generation.Processors;
using Athanor.Tokenization;

namespace Athanor.Generation.Decoding;

/// <summary>One answer while it is written: its tokens, its text, and whether it has ended.</summary>
internal sealed class GrowingAnswer
{
    private readonly int[] _tokens;
    private readonly int _promptLength;
    private readonly bool _limitedByContext;
    private readonly IReadOnlyList<int> _stopTokens;
    private readonly RandomStream _random;
    private readonly int _vocabularySize;
    private readonly StreamingDecoder _decoder;
    private readonly StopStrings _stopStrings;
    private readonly StringBuilder _text = new();
    private int _count;

    /// <param name="prompt">The prompt, shorter than the context.</param>
    /// <param name="contextLength">The most tokens that prompt and answer may have.</param>
    /// <param name="settings">How to write.</param>
    /// <param name="tokenizer">Gives the text.</param>
    /// <param name="random">This answer's own stream.</param>
    public GrowingAnswer(ReadOnlySpan<int> prompt, int contextLength, GenerationSettings settings, Tokenizer tokenizer, RandomStream random)
    {
        int room = contextLength - prompt.Length;
        _limitedByContext = room < settings.MaximumTokens;
        _tokens = new int[prompt.Length + Math.Min(room, settings.MaximumTokens)];
        prompt.CopyTo(_tokens);
        _promptLength = _count = prompt.Length;
        _stopTokens = settings.StopTokens;
        _random = random;
        _vocabularySize = tokenizer.VocabularySize;
        _decoder = tokenizer.OpenDecoder(skipSpecialTokens: true);
        _stopStrings = new StopStrings(settings.StopStrings);
    }

    /// <summary>The token that is fed next.</summary>
    public int LastToken => _tokens[_count - 1];

    /// <summary>How many tokens were generated.</summary>
    public int Length => _count - _promptLength;

    /// <summary>Why it ended; null while it grows.</summary>
    public FinishReason? Finished { get; private set; }

    /// <summary>Chooses the next token; gives the text that became certain by it, which at the end is all the rest.</summary>
    public string Advance(Span<float> logits, Sampler sampler)
    {
        // a model may have rows beyond the tokenizer's ids, to fill up a round size: they stand for nothing
        int token = sampler.Next(logits[..Math.Min(logits.Length, _vocabularySize)], new DecodingContext(_tokens.AsSpan(0, _count), _promptLength), _random);
        if (_stopTokens.Contains(token))
        {
            return Finish(FinishReason.StopToken);
        }

        _tokens[_count++] = token;
        string text = _stopStrings.Append(_decoder.Append(token));
        _text.Append(text);
        if (_stopStrings.Found)
        {
            Finished = FinishReason.StopString;
            return text;
        }

        return _count == _tokens.Length ? text + Finish(_limitedByContext ? FinishReason.ContextFull : FinishReason.MaximumTokens) : text;
    }

    /// <summary>Ends it and gives the text that was held back.</summary>
    public string Finish(FinishReason reason)
    {
        Finished = reason;
        string text = _stopStrings.Append(_decoder.Flush());
        if (_stopStrings.Found)
        {
            Finished = FinishReason.StopString;
        }
        else
        {
            text += _stopStrings.Flush();
        }

        _text.Append(text);
        return text;
    }

    public GenerationResult Result(int prompt, int sample) => new()
    {
        Prompt = prompt,
        Sample = sample,
        PromptTokens = _promptLength,
        Tokens = _tokens[_promptLength.._count],
        Text = _text.ToString(),
        FinishReason = Finished ?? FinishReason.Cancelled,
    };
}
