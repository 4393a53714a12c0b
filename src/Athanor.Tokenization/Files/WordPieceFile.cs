using System.Text;
using System.Text.Unicode;
using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.PostProcessors;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tokenization.Files;

/// <summary>The file BERT and its kin come in: <c>vocab.txt</c>, a piece a line, its id the number of the line from 0.</summary>
internal static class WordPieceFile
{
    // Devlin et al. 2019: longer words are not looked at
    private const int MaxCharacters = 100;

    public static TokenizerPipeline Read(string path, WordPieceFileOptions options)
    {
        WordPieceModel model = new(ReadVocabulary(TokenizerFile.ReadAll(path), path), "[UNK]", "##", MaxCharacters);
        BertNormalizer normalizer = new(CleanText: true, options.TokenizeChineseCharacters, options.StripAccents, options.Lowercase);
        return new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary([.. options.SpecialTokens.Select(token => new AddedToken(token))], model, normalizer),
            Normalizer = normalizer,
            PreTokenizer = new BertPreTokenizer(),
            PostProcessor = new BertPostProcessor(Token(model, "[SEP]", path), Token(model, "[CLS]", path)),
            Decoder = new WordPieceDecoder(),
        };
    }

    private static TokenVocabulary ReadVocabulary(byte[] text, string path)
    {
        if (!Utf8.IsValid(text))
        {
            throw JsonPart.Broken(path, "it is not in UTF-8");
        }

        TokenVocabulary vocabulary = new();
        int id = 0;
        foreach (ReadOnlySpan<byte> line in new Lines(text))
        {
            // Of equal lines the last counts, as in Hugging Face tokenizers
            vocabulary.Set(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line).TrimEnd()), id++);
        }

        return vocabulary;
    }

    private static SpecialToken Token(WordPieceModel model, string token, string path) =>
        model.TryGetId(token, out int id) ? new SpecialToken(token, id) : throw new AthanorException($"{path} has no {token}", "name the vocab.txt of a BERT model: it has [UNK], [CLS] and [SEP]");
}
