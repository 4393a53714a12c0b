using System.Buffers;
using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization;

/// <summary>
/// Turns text into token ids and back. Immutable and safe for use by many threads. What it inherits from <see cref="Microsoft.ML.Tokenizers.Tokenizer"/> treats special tokens in a
/// text as text, as <see cref="Encode(string)"/> does, so that nobody's input can end a turn.
/// </summary>
public sealed partial class Tokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    /// <summary>The name of the file in a tokenizer's or model's folder.</summary>
    public const string FileName = "tokenizer.json";

    private readonly byte[]?[] _bytes;
    private readonly SpecialTokenFinder _finder;

    internal Tokenizer(TokenizerPipeline pipeline)
    {
        Pipeline = pipeline.FastEncoder is null
            ? pipeline with { FastEncoder = ByteLevelFastEncoder.For(pipeline) ?? UnigramFastEncoder.For(pipeline) ?? (IFastEncoder?)ChunkEncoder.For(pipeline) }
            : pipeline;
        _bytes = new byte[]?[pipeline.IdLimit];
        _finder = new SpecialTokenFinder(SpecialTokens);
    }

    /// <summary>A byte-level tokenizer with Athanor's expression.</summary>
    /// <param name="tokens">The tokens as a file writes them, by id; every byte must be among them.</param>
    /// <param name="specialTokens">Which of them are special.</param>
    /// <param name="merges">The rules in order.</param>
    internal Tokenizer(IReadOnlyList<string> tokens, IEnumerable<string> specialTokens, IReadOnlyList<Merge> merges)
        : this(ByteLevel(new BytePairTokenModel(TokenVocabulary.From(tokens), merges, new BytePairOptions()), specialTokens))
    {
    }

    /// <summary>How many ids there are: every id is below it. Where a file leaves ids out, they stand for nothing.</summary>
    public int VocabularySize => _bytes.Length;

    /// <summary>The special tokens in the order of their ids.</summary>
    public IEnumerable<KeyValuePair<string, int>> SpecialTokens =>
        Pipeline.Added.Tokens.Where(entry => entry.Value.Special).Select(entry => KeyValuePair.Create(entry.Value.Content, entry.Key));

    internal TokenizerPipeline Pipeline { get; }

    internal IReadOnlyList<Merge> Merges => Pipeline.Model is BytePairTokenModel model ? model.Merges : [];

    /// <summary>
    /// Opens a tokenizer's file, or the one in a folder; what it is, is told by what is in it: a <c>tokenizer.json</c>, a SentencePiece <c>.model</c>, <c>vocab.json</c> with <c>merges.txt</c> beside it, or a
    /// BERT <c>vocab.txt</c>. What the last two do not say is taken from a <c>tokenizer_config.json</c> beside them, otherwise they are GPT-2's and uncased BERT's.
    /// </summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file is missing, of no known kind, malformed, contradictory, or uses a part this version does not know (named).</exception>
    public static Tokenizer Load(string path) => new(TokenizerFile.Open(path));

    /// <summary>Opens a <c>vocab.json</c> and a <c>merges.txt</c>.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">A file is missing, malformed or contradictory.</exception>
    public static Tokenizer LoadBytePairs(string vocabularyPath, string mergesPath, BytePairFileOptions? options = null) => new(BytePairFiles.Read(vocabularyPath, mergesPath, options ?? new BytePairFileOptions()));

    /// <summary>Opens a BERT <c>vocab.txt</c>.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file is missing or malformed, or lacks a token that BERT needs.</exception>
    public static Tokenizer LoadWordPieces(string path, WordPieceFileOptions? options = null) => new(WordPieceFile.Read(path, options ?? new WordPieceFileOptions()));

    /// <summary>Writes a <c>tokenizer.json</c>, whole or not at all; its bytes depend on the tokenizer alone.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file cannot be written.</exception>
    public void Save(string path) => TokenizerJsonWriter.Write(Pipeline, path);

    /// <summary>The ids of a text; what looks like a special token in it is text like any other.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public int[] Encode(string text)
    {
        List<int> ids = Scratch();
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text; what looks like a special token in it is text like any other.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public void Encode(ReadOnlySpan<char> text, List<int> ids) => Pipeline.EncodeIds(text, withSpecial: false, ids);

    /// <summary>The ids of a text in which special tokens are recognised; none are added.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public int[] EncodeWithSpecialTokens(string text)
    {
        List<int> ids = Scratch();
        Pipeline.EncodeIds(text, withSpecial: true, ids);
        return [.. ids];
    }

    /// <summary>
    /// Encodes a text, or a pair of texts, as the tokenizer's file says in full: special tokens are recognised in it and added around it, it is truncated and padded. This is what Hugging Face calls <c>encode</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text of a pair.</param>
    /// <param name="addSpecialTokens">Whether the special tokens of the file's template are added.</param>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones, or the text cannot be truncated as the file says.</exception>
    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = true) => Pipeline.Encode(text, pair, addSpecialTokens);

    /// <summary>Encodes many texts on all cores. The results are in the order of the texts and padded to the longest of them where the file says so.</summary>
    /// <exception cref="EncodingException">As for <see cref="EncodeText"/>.</exception>
    public IReadOnlyList<EncodedText> EncodeBatch(IReadOnlyList<string> texts, bool addSpecialTokens = true, CancellationToken cancellation = default) =>
        Pipeline.EncodeBatch(texts, addSpecialTokens, cancellation);

    /// <summary>The ids of a text in one of its ways, drawn at random: subword regularization. Special tokens are recognised; none are added.</summary>
    /// <param name="text">The text.</param>
    /// <param name="alpha">For byte pairs the probability that a merge is left out (0.1 in Provilkov et al. 2020); for unigrams the exponent of a segmentation's probability (0.1 in Kudo 2018).</param>
    /// <param name="random">Where the random numbers come from.</param>
    /// <exception cref="NotSupportedException">The model writes a text in one way only.</exception>
    public int[] EncodeSampled(string text, double alpha, RandomStream random)
    {
        List<int> ids = [];
        Pipeline.Sample(text, alpha, random, ids);
        return [.. ids];
    }

    /// <summary>A text cut before and after every special token in it.</summary>
    public IEnumerable<string> CutAtSpecialTokens(string text)
    {
        int start = 0;
        while (_finder.Find(text.AsSpan(start), out int position, out int length, out _))
        {
            if (position > 0)
            {
                yield return text.Substring(start, position);
            }

            yield return text.Substring(start + position, length);
            start += position + length;
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }

    /// <summary>The text of ids; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        foreach (int id in ids)
        {
            Checked(id);
        }

        if (Pipeline.Decoder is not ByteLevelDecoder)
        {
            return Pipeline.Decode(ids, skipSpecialTokens);
        }

        int length = 0;
        foreach (int id in ids)
        {
            length += skipSpecialTokens && Pipeline.Added.IsLeftOut(id) ? 0 : BytesOf(id).Length;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        int written = 0;
        foreach (int id in ids)
        {
            if (!skipSpecialTokens || !Pipeline.Added.IsLeftOut(id))
            {
                ReadOnlySpan<byte> token = BytesOf(id);
                token.CopyTo(bytes.AsSpan(written));
                written += token.Length;
            }
        }

        string text = Encoding.UTF8.GetString(bytes, 0, written);
        ArrayPool<byte>.Shared.Return(bytes);
        return text;
    }

    /// <summary>The id of a token as it is written in the file (specials as they are, others in the file's alphabet).</summary>
    public bool TryGetId(string token, out int id) => Pipeline.TryGetId(token, out id);

    /// <summary>The token of an id as it is written in the file; empty where the file leaves the id out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public string TokenOf(int id) => Pipeline.Added.ContentOf(Checked(id)) ?? Pipeline.Model.TokenOf(id) ?? "";

    /// <summary>The UTF-8 bytes an id stands for within a text; for a special token those of its text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> BytesOf(int id) => _bytes[Checked(id)] ??= TokenBytes.Of(Pipeline, id);

    /// <summary>Whether an id is a special token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public bool IsSpecial(int id) => Pipeline.Added.IsSpecial(Checked(id));

    /// <summary>A decoder for ids that arrive one at a time; it never gives half a character.</summary>
    public StreamingDecoder OpenDecoder(bool skipSpecialTokens = false) => new(this, skipSpecialTokens);

    private static TokenizerPipeline ByteLevel(BytePairTokenModel model, IEnumerable<string> specialTokens) => new()
    {
        Model = model,
        Added = new AddedVocabulary([.. specialTokens.Select(token => new AddedToken(token))], model, null),
        PreTokenizer = new PreTokenizerSequence([
            new SplitPreTokenizer(TextPattern.OfExpression(WordSplitter.Pattern), SplitBehavior.Isolated),
            new ByteLevelPreTokenizer(AddPrefixSpace: false, TrimOffsets: true, UseExpression: false)]),
        Decoder = new ByteLevelDecoder(AddPrefixSpace: false, TrimOffsets: true, UseExpression: false),
    };

    private int Checked(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
        {
            throw new ArgumentOutOfRangeException(nameof(id), id, $"the vocabulary has the ids 0 to {VocabularySize - 1}");
        }

        return id;
    }
}
