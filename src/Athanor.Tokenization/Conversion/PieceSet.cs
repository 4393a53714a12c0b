using System.Text;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.Conversion;

/// <summary>The pieces of a SentencePiece vocabulary, of its own file or of a GGUF file, and what is done to a text before it is written in them.</summary>
/// <param name="Pieces">The pieces by id.</param>
/// <param name="Map">Normalizes the text; null: it stays as it is.</param>
/// <param name="AddsPrefix">Whether a space is set before the text.</param>
/// <param name="MergesSpaces">Whether spaces at the ends are removed, and of several in a row all but one.</param>
/// <param name="UnknownSurface">What the unknown piece is decoded to; null: it is decoded as it is, and recognised in text like a control piece.</param>
internal sealed record PieceSet(IReadOnlyList<ModelPiece> Pieces, PrecompiledMap? Map, bool AddsPrefix, bool MergesSpaces, string? UnknownSurface)
{
    private const string Space = "▁";

    private int UnknownId => Enumerable.Range(0, Pieces.Count).FirstOrDefault(id => Pieces[id].Type == PieceType.Unknown);

    /// <summary>The pieces as byte pairs of <c>tokenizer.json</c>, as the converters of Hugging Face transformers make them: the rules are all ways to put a piece together from two others.</summary>
    public TokenizerPipeline AsBytePairs(bool merges = true)
    {
        TokenVocabulary vocabulary = TokenVocabulary.From(Pieces.Select(piece => piece.Text));
        BytePairOptions options = new(UnknownToken: Pieces[UnknownId].Text, FuseUnknown: true, ByteFallback: Pieces.Any(piece => piece.Type == PieceType.Byte));
        return Assemble(new BytePairTokenModel(vocabulary, merges ? Rules(vocabulary) : [], options));
    }

    /// <summary>The pieces as unigrams of <c>tokenizer.json</c>.</summary>
    public TokenizerPipeline AsUnigrams() => Assemble(new UnigramModel(
        [.. Pieces.Select(piece => KeyValuePair.Create(piece.Text, (double)piece.Score))], UnknownId, Pieces.Any(piece => piece.Type == PieceType.Byte)));

    private TokenizerPipeline Assemble(ITokenModel model)
    {
        List<INormalizer> normalizers = [];
        if (Map is not null)
        {
            normalizers.Add(new PrecompiledNormalizer(Map));
        }

        if (MergesSpaces)
        {
            // At the end SentencePiece takes spaces that were written so for its own; llama.cpp does not
            normalizers.Add(new ReplaceNormalizer(TextPattern.OfExpression(UnknownSurface is null ? @"\A +| +\z" : @"\A +|[ ▁]+\z"), ""));
            normalizers.Add(new ReplaceNormalizer(TextPattern.OfExpression(" {2,}"), " "));
        }

        if (AddsPrefix)
        {
            normalizers.Add(new PrependNormalizer(Space));
        }

        normalizers.Add(new ReplaceNormalizer(TextPattern.OfString(" "), Space));
        NormalizerSequence normalizer = new(normalizers);
        List<IDecoder> decoders = [new ReplaceDecoder(TextPattern.OfString(Space), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (UnknownSurface is not null)
        {
            decoders.Insert(0, new ReplaceDecoder(TextPattern.OfString(Pieces[UnknownId].Text), UnknownSurface));
        }

        if (AddsPrefix)
        {
            decoders.Add(new StripDecoder(new Rune(' '), 1, 0));
        }

        return new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary(
                [.. Pieces.Where(piece => piece.Type is PieceType.Control or PieceType.UserDefined || (UnknownSurface is null && piece.Type == PieceType.Unknown)).Select(piece => new AddedToken(piece.Text, Special: piece.Type != PieceType.UserDefined))],
                model,
                normalizer),
            Normalizer = normalizer,
            Decoder = new DecoderSequence(decoders),
        };
    }

    private List<Merge> Rules(TokenVocabulary vocabulary)
    {
        bool[] merged = [.. Pieces.Select(piece => piece.Type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused)];
        List<(Merge Merge, float Score)> rules = [];
        for (int id = 0; id < Pieces.Count; id++)
        {
            byte[] bytes = Pieces[id].Bytes;
            for (int at = 1; merged[id] && at < bytes.Length; at++)
            {
                if ((bytes[at] & 0xC0) != 0x80
                    && vocabulary.TryGetId(bytes.AsSpan(0, at), out int left) && merged[left]
                    && vocabulary.TryGetId(bytes.AsSpan(at), out int right) && merged[right])
                {
                    rules.Add((new Merge(left, right, id), Pieces[id].Score));
                }
            }
        }

        return [.. rules.OrderByDescending(rule => rule.Score).ThenBy(rule => rule.Merge.Result).Select(rule => rule.Merge)];
    }
}
