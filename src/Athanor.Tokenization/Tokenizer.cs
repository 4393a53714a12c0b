using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Athanor.Tokenization;

/// <summary>Turns text into token ids and back. Immutable and safe for use by many threads.</summary>
public sealed class Tokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    /// <summary>The name of the file in a tokenizer's or model's folder.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>Opens a <c>tokenizer.json</c>, or the one in a folder.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file is missing, malformed, contradictory, or uses a part this version does not know (named).</exception>
    public static Tokenizer Load(string path) => throw new NotImplementedException();

    /// <summary>How many ids there are: every id is below it.</summary>
    public int VocabularySize => throw new NotImplementedException();

    /// <summary>The ids of a text; what looks like a special token in it is text like any other.</summary>
    public int[] Encode(string text) => throw new NotImplementedException();

    /// <summary>The ids of a text in which special tokens are recognised.</summary>
    public int[] EncodeWithSpecialTokens(string text) => throw new NotImplementedException();

    /// <summary>The text of ids; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false) => throw new NotImplementedException();

    /// <summary>The id of a token as it is written in the file (specials as they are, others in the byte-level alphabet).</summary>
    public bool TryGetId(string token, out int id) => throw new NotImplementedException();

    /// <summary>The token of an id as it is written in the file.</summary>
    public string TokenOf(int id) => throw new NotImplementedException();

    /// <summary>The UTF-8 bytes an id stands for; for a special token those of its text.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => throw new NotImplementedException();

    /// <summary>Whether an id is a special token.</summary>
    public bool IsSpecial(int id) => throw new NotImplementedException();

    /// <summary>A decoder for ids that arrive one at a time; it never gives half a character.</summary>
    public StreamingDecoder OpenDecoder(bool skipSpecialTokens = false) => throw new NotImplementedException();

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten) => throw new NotImplementedException();
}

/// <summary>Turns ids into text as they arrive, holding back bytes until they are whole characters.</summary>
public sealed class StreamingDecoder
{
    /// <summary>Takes an id and gives the text that became certain, possibly empty.</summary>
    public string Append(int id) => throw new NotImplementedException();

    /// <summary>Gives what was held back (an incomplete character becomes U+FFFD) and begins anew.</summary>
    public string Flush() => throw new NotImplementedException();
}
