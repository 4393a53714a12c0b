using System.Text.Json;
using System.Text.Unicode;
using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.PostProcessors;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Files;

/// <summary>The two files that GPT-2, RoBERTa, CLIP and their kin come in: <c>vocab.json</c> (tokens and ids) and <c>merges.txt</c> (a merge a line, the best first).</summary>
internal static class BytePairFiles
{
    public static TokenizerPipeline Read(string vocabularyPath, string mergesPath, BytePairFileOptions options)
    {
        byte[] json = TokenizerFile.ReadAll(vocabularyPath);
        byte[] lines = TokenizerFile.ReadAll(mergesPath);
        TokenVocabulary vocabulary = ReadVocabulary(json, vocabularyPath);
        BytePairTokenModel model = new(vocabulary, ReadMerges(lines, vocabulary, mergesPath), new BytePairOptions(options.UnknownToken, null, options.EndOfWordSuffix));
        INormalizer? normalizer = options.Lowercase ? new LowercaseNormalizer() : null;
        return new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary([.. options.SpecialTokens.Select(token => new AddedToken(token))], model, normalizer),
            Normalizer = normalizer,
            PreTokenizer = options.ByteLevel ? new ByteLevelPreTokenizer(options.AddPrefixSpace, TrimOffsets: false, UseExpression: true) : new WhitespaceSplitPreTokenizer(),
            PostProcessor = options.RobertaTemplate
                ? new RobertaPostProcessor(Token(model, "</s>", vocabularyPath), Token(model, "<s>", vocabularyPath), TrimOffsets: false, options.AddPrefixSpace)
                : null,
            Decoder = options.ByteLevel ? new ByteLevelDecoder(options.AddPrefixSpace, TrimOffsets: false, UseExpression: true)
                : options.EndOfWordSuffix is string suffix ? new BytePairDecoder(suffix)
                : null,
        };
    }

    /// <summary>Whether a JSON file is a plain vocabulary, not a whole tokenizer: its members are numbers.</summary>
    public static bool IsVocabulary(ReadOnlySpan<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.Read() && reader.TokenType == JsonTokenType.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static TokenVocabulary ReadVocabulary(byte[] json, string path)
    {
        if (!Utf8.IsValid(json))
        {
            throw JsonPart.Broken(path, "it is not in UTF-8");
        }

        try
        {
            return ModelJsonReader.ReadVocabulary(json, path, "it");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw JsonPart.Broken(path, exception.Message, exception);
        }
    }

    private static List<Merge> ReadMerges(byte[] text, TokenVocabulary vocabulary, string path)
    {
        MergeReader reader = new(vocabulary, 0, path, "line");
        List<Merge> merges = [];
        int number = 0;
        foreach (ReadOnlySpan<byte> line in new Lines(text))
        {
            // Lines are numbered for people, from 1
            number++;
            if (!line.StartsWith("#version"u8))
            {
                merges.Add(reader.Read(line, number));
            }
        }

        return merges;
    }

    private static SpecialToken Token(BytePairTokenModel model, string token, string path) =>
        model.TryGetId(token, out int id) ? new SpecialToken(token, id) : throw new AthanorException($"{path} has no {token}, which RoBERTa's tokenizer puts around texts", "use the vocab.json and merges.txt of a RoBERTa model");
}
