using System.Globalization;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.LlamaCpp;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tokenization.Conversion;

/// <summary>
/// Writes a tokenizer of another format (tiktoken, SentencePiece, GGUF) with the parts that <c>tokenizer.json</c> has, and checks that it gives the same ids: on a list of
/// hard strings, and on the text of every token.
/// </summary>
public static class TokenizerConversion
{
    private const int MostShown = 5;

    /// <summary>Converts a tokenizer where that is exact.</summary>
    /// <param name="source">The tokenizer.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="AthanorException">A part has no form in <c>tokenizer.json</c>, or the result would give other ids: the strings that differ are named.</exception>
    public static Tokenizer ToJson(Tokenizer source, CancellationToken cancellation = default)
    {
        (Tokenizer converted, IReadOnlyList<ConversionDifference> differences) = Compare(source, cancellation);
        return differences.Count == 0 ? converted : throw new AthanorException(
            $"{differences.Count} of the strings that were tried would get other ids: {string.Join("; ", differences.Take(MostShown))}{(differences.Count > MostShown ? "; …" : "")}",
            "keep the file in its format, or, if such strings do not matter to you, add --allow-differences");
    }

    /// <summary>Converts a tokenizer and tells on which strings the result gives other ids.</summary>
    /// <param name="source">The tokenizer.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="AthanorException">A part has no form in <c>tokenizer.json</c>.</exception>
    public static (Tokenizer Converted, IReadOnlyList<ConversionDifference> Differences) Compare(Tokenizer source, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        Tokenizer converted = new(Convert(source.Pipeline));
        List<ConversionDifference> differences = [];
        string[] specials = [.. source.SpecialTokens.Select(special => special.Key)];

        // The unknown piece stands in the vocabulary, and unigrams of tokenizer.json find it in text; SentencePiece never does
        string? unfound = source.Pipeline.Model is SentencePieceTokenModel { Model: { File.Trainer.ModelType: ModelType.Unigram } model } ? model.File.Pieces[model.UnknownId].Text : null;
        foreach (string text in HardStrings.All.Concat(source.Texts()))
        {
            cancellation.ThrowIfCancellationRequested();
            if (unfound is not null && text.Contains(unfound, StringComparison.Ordinal))
            {
                continue;
            }

            int[] before = source.EncodeWithSpecialTokens(text);
            int[] after = converted.EncodeWithSpecialTokens(text);
            if (before.AsSpan().SequenceEqual(after) && !specials.Any(special => text.Contains(special, StringComparison.Ordinal)))
            {
                // Hugging Face always looks for special tokens; without them both ways are the same
                before = source.Encode(text);
                after = converted.Encode(text);
            }

            if (!before.AsSpan().SequenceEqual(after))
            {
                differences.Add(new ConversionDifference(text, before, after));
            }
        }

        return (converted, differences);
    }

    private static TokenizerPipeline Convert(TokenizerPipeline source) => source.Model switch
    {
        BytePairTokenModel { Options.OneRankAToken: true } model => source with { Model = new BytePairTokenModel(model.Vocabulary, model.Merges, model.Options with { OneRankAToken = false }), FastEncoder = null },
        SentencePieceTokenModel model => FromSentencePiece(model.Model),
        LlamaTokenModel model => FromLlama(model) with { PostProcessor = source.PostProcessor },
        _ => source,
    };

    private static TokenizerPipeline FromSentencePiece(SentencePieceModel model)
    {
        SentencePieceFile file = model.File;
        if (file.Trainer.TreatWhitespaceAsSuffix || !file.Normalizer.EscapeWhitespaces)
        {
            throw NoForm("a SentencePiece model with white space as suffix, or with spaces as they are,");
        }

        PieceSet pieces = new(file.Pieces, file.Normalizer.PrecompiledMap is { IsEmpty: false } map ? PrecompiledMap.Read(map.Span) : null, file.Normalizer.AddDummyPrefix, file.Normalizer.RemoveExtraWhitespaces, Encoding.UTF8.GetString(model.UnknownSurface));
        return file.Trainer.ModelType switch
        {
            ModelType.Unigram => pieces.AsUnigrams(),
            ModelType.BytePairs => pieces.AsBytePairs(),
            ModelType.Characters => pieces.AsBytePairs(merges: false),
            _ => throw NoForm($"a SentencePiece model of {file.Trainer.ModelType}"),
        };
    }

    private static TokenizerPipeline FromLlama(LlamaTokenModel model) => model.Rules switch
    {
        LlamaSentencePieces => new PieceSet(PiecesOf(model.Vocabulary), null, model.Settings.AddSpacePrefix, MergesSpaces: false, UnknownSurface: null).AsBytePairs(),
        LlamaUnigrams unigrams => new PieceSet(PiecesOf(model.Vocabulary), unigrams.Map, model.Settings.AddSpacePrefix, unigrams.MergesSpaces, UnknownSurface: null).AsUnigrams(),
        LlamaWordPieces words => FromLlamaWords(model, words),
        LlamaBytePairs { PreTokenizer.ByteLevel: true } pairs => FromLlamaPairs(model, pairs),
        _ => throw NoForm($"this GGUF vocabulary ({model.Rules.GetType().Name["Llama".Length..]})"),
    };

    private static ModelPiece[] PiecesOf(LlamaVocabulary vocabulary) =>
    [
        .. Enumerable.Range(0, vocabulary.Count).Select(id => new ModelPiece(vocabulary.Texts[id], vocabulary.Scores[id], vocabulary.Attributes[id] switch
        {
            TokenAttributes attributes when (attributes & TokenAttributes.Control) != 0 => PieceType.Control,
            TokenAttributes attributes when (attributes & TokenAttributes.Unknown) != 0 => PieceType.Unknown,
            TokenAttributes attributes when (attributes & TokenAttributes.UserDefined) != 0 => PieceType.UserDefined,
            TokenAttributes attributes when (attributes & TokenAttributes.Byte) != 0 => PieceType.Byte,
            TokenAttributes attributes when (attributes & TokenAttributes.Unused) != 0 => PieceType.Unused,
            _ => PieceType.Normal,
        })),
    ];

    private static TokenizerPipeline FromLlamaWords(LlamaTokenModel model, LlamaWordPieces words)
    {
        LlamaVocabulary vocabulary = model.Vocabulary;
        TokenVocabulary tokens = new();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            ReadOnlySpan<byte> text = vocabulary.Texts[id];
            bool special = vocabulary.Is(id, TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.UserDefined);
            byte[] written = special ? text.ToArray() : text.StartsWith("▁"u8) && text.Length > 3 ? text[3..].ToArray() : [.. "##"u8, .. text];
            if (tokens.Add(written, id) != AddResult.Added)
            {
                throw NoForm($"a vocabulary of word pieces in which {Encoding.UTF8.GetString(written)} would stand twice");
            }
        }

        if (model.Settings.Unknown < 0)
        {
            throw NoForm("a vocabulary of word pieces without an unknown token");
        }

        // A limit of letters a word, which llama.cpp does not have, beyond any text
        WordPieceModel pieces = new(tokens, tokens.TokenOf(model.Settings.Unknown)!, "##", int.MaxValue);
        return new TokenizerPipeline
        {
            Model = pieces,
            Added = Specials(model, pieces),
            Normalizer = new BertNormalizer(StripAccents: words.StripsAccents, Lowercase: words.Lowercase),
            PreTokenizer = new BertPreTokenizer(),
            Decoder = new WordPieceDecoder(),
        };
    }

    private static TokenizerPipeline FromLlamaPairs(LlamaTokenModel model, LlamaBytePairs pairs)
    {
        List<IPreTokenizer> cuts = [];
        foreach (ISplitStep step in pairs.PreTokenizer.Steps)
        {
            cuts.Add(new SplitPreTokenizer(TextPattern.OfExpression(step.Expression ?? throw NoForm("the pre-tokenizer of this GGUF vocabulary")), SplitBehavior.Isolated));
        }

        cuts.Add(new ByteLevelPreTokenizer(AddPrefixSpace: false, UseExpression: false));
        int count = model.Vocabulary.Count;
        TokenVocabulary vocabulary = TokenVocabulary.From(model.Vocabulary.Texts.Select(Encoding.UTF8.GetString));
        BytePairTokenModel merged = new(
            vocabulary, [.. pairs.Merges.Where(merge => merge.Left < count && merge.Right < count && merge.Result < count)], new BytePairOptions(IgnoreMerges: pairs.PreTokenizer.IgnoreMerges));
        return new TokenizerPipeline { Model = merged, Added = Specials(model, merged), PreTokenizer = new PreTokenizerSequence(cuts), Decoder = new ByteLevelDecoder() };
    }

    private static AddedVocabulary Specials(LlamaTokenModel model, ITokenModel converted)
    {
        LlamaVocabulary vocabulary = model.Vocabulary;
        const TokenAttributes special = TokenAttributes.Control | TokenAttributes.Unknown;
        return new AddedVocabulary(
            [
                .. Enumerable.Range(0, vocabulary.Count).Where(id => vocabulary.Is(id, special | TokenAttributes.UserDefined)).Select(id => new AddedToken(
                    Encoding.UTF8.GetString(vocabulary.Texts[id]),
                    LStrip: vocabulary.Is(id, TokenAttributes.LStrip),
                    RStrip: vocabulary.Is(id, TokenAttributes.RStrip),
                    Special: vocabulary.Is(id, special))),
            ],
            converted,
            null);
    }

    /// <summary>The text of every token by itself and after a letter: rules that are missing show there.</summary>
    private static IEnumerable<string> Texts(this Tokenizer tokenizer)
    {
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (!tokenizer.IsSpecial(id) && Encoding.UTF8.GetString(tokenizer.BytesOf(id)) is { Length: > 1 } text && !text.Contains('\uFFFD', StringComparison.Ordinal))
            {
                yield return text;
            }
        }
    }

    private static AthanorException NoForm(string what) => new($"{what} has no form in a tokenizer.json", "keep the file in its format");
}

/// <summary>A string on which a converted tokenizer gives other ids.</summary>
/// <param name="Text">The string.</param>
/// <param name="Before">Its ids.</param>
/// <param name="After">Those of the converted tokenizer.</param>
public sealed record ConversionDifference(string Text, IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new("\"");
        foreach (Rune rune in (Text.Length <= 40 ? Text : Text[..40] + "…").EnumerateRunes())
        {
            text.Append(rune.Value < 0x20 || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark ? $"\\u{rune.Value:X4}" : rune.ToString());
        }

        return text.Append(CultureInfo.InvariantCulture, $"\" ({string.Join(' ', Before.Take(8))} or {string.Join(' ', After.Take(8))})").ToString();
    }
}
