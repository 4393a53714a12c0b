using System.Buffers;
using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>A vocabulary of a GGUF file as a model of the pipeline: what stands between two special tokens is one word, which llama.cpp's own rules write in tokens.</summary>
/// <param name="kind">Which of llama.cpp's vocabularies it is.</param>
/// <param name="vocabulary">The tokens.</param>
/// <param name="settings">What the file says beside them.</param>
/// <param name="rules">Writes text in them.</param>
internal sealed class LlamaTokenModel(LlamaVocabularyKind kind, LlamaVocabulary vocabulary, LlamaSettings settings, ILlamaModel rules) : ITokenModel, IFastEncoder
{
    /// <summary>Which of llama.cpp's vocabularies it is.</summary>
    public LlamaVocabularyKind Kind => kind;

    /// <summary>The tokens.</summary>
    public LlamaVocabulary Vocabulary => vocabulary;

    /// <summary>What the file says beside them.</summary>
    public LlamaSettings Settings => settings;

    /// <summary>Writes text in the tokens.</summary>
    public ILlamaModel Rules => rules;

    /// <inheritdoc/>
    public int VocabularySize => vocabulary.Count;

    /// <inheritdoc/>
    public int IdLimit => vocabulary.Count;

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id)
    {
        id = vocabulary.Find(Encoding.UTF8.GetBytes(token));
        return id >= 0;
    }

    /// <inheritdoc/>
    public string? TokenOf(int id) => (uint)id < (uint)vocabulary.Count ? Encoding.UTF8.GetString(vocabulary.Texts[id]) : null;

    /// <inheritdoc/>
    public void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        rules.Encode(bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes)), 0, pieces);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        using Utf8Copy utf8 = new(text);
        rules.EncodeIds(utf8.Span, ids);
    }
}
