using System.Text.Json.Nodes;
using Athanor.Tokenization;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Conformance.Tokenizers;

/// <summary>A SentencePiece model: pieces with places and scores, extra options, n-best lists, decoding of ids and of pieces, its special ids.</summary>
public sealed class SentencePieceModelKind : IConformanceKind
{
    private const int LongestGivenInFull = 1500;

    public string Kind => "sentencepiece-model";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase input = new(reference);
        SentencePieceModel model = SentencePieceModel.Open(input.Unpack("model"));
        TokenizerPipeline pipeline = Tokenizer.Load(input.Unpack("model")).Pipeline;
        input.Answer(results, "encode", row => Encode(model, pipeline, input, row), "s", "text", "tie");
        input.Answer(results, "options", row => Options(model, input, row), "s", "text", "add_bos", "add_eos", "reverse");
        input.Answer(results, "pieces", row => Piece(model, row["id"]!.GetValue<int>()), "id");
        input.Answer(results, "nbest", row => Best(model, input, row), "s", "text", "n");
        input.Answer(results, "decode", row => Decode(model, row), "ids", "pieces");
        if (reference.ExpectedValues["special"] is not null)
        {
            results.AddValue("special", new JsonObject
            {
                ["unk"] = model.UnknownId,
                ["bos"] = model.BeginningId,
                ["eos"] = model.EndId,
                ["pad"] = model.PaddingId,
                ["size"] = model.Count,
            });
        }
    }

    private static JsonObject Encode(SentencePieceModel model, TokenizerPipeline pipeline, TokenizerCase input, JsonObject row)
    {
        string text = input.TextOf(row);
        IReadOnlyList<PlacedPiece> pieces = model.EncodePieces(text);
        int[] ids = [.. pieces.Select(piece => piece.Id)];
        string decoded = model.Decode(ids);
        CheckPipeline(pipeline, text, pieces, decoded, row);
        JsonObject answer = [];
        if (row["tie"] is JsonValue tie && tie.GetValue<bool>())
        {
            // Another segmentation may be as good: ids and places are information.
            foreach (string member in (string[])["ids", "ids_runs", "spans", "pieces"])
            {
                if (row.TryGetPropertyValue(member, out JsonNode? value))
                {
                    answer[member] = value?.DeepClone();
                }
            }
        }
        else
        {
            if (row.ContainsKey("ids"))
            {
                answer["ids"] = TokenizerCase.Numbers(ids);
            }

            if (row.ContainsKey("ids_runs"))
            {
                answer["ids_runs"] = TokenizerCase.Runs(ids);
            }

            if (row.ContainsKey("spans"))
            {
                answer["spans"] = TokenizerCase.Spans(pieces.Select(piece => piece.CodePointOffsets));
            }

            if (row.ContainsKey("pieces"))
            {
                answer["pieces"] = TokenizerCase.Texts(pieces.Select(piece => piece.Piece));
            }
        }

        if (row.ContainsKey("score"))
        {
            answer["score"] = model.Score(text);
        }

        if (row.ContainsKey("decoded_sha256"))
        {
            answer["decoded_sha256"] = TokenizerCase.Sha256(decoded);
        }

        if (row.ContainsKey("decoded") || (text.Length <= LongestGivenInFull && !row.ContainsKey("decoded_sha256") && decoded != TokenizerCase.Mended(text)))
        {
            answer["decoded"] = decoded;
        }

        return answer;
    }

    /// <summary>The same model as a pipeline, with and without its fast encoder, gives the same.</summary>
    private static void CheckPipeline(TokenizerPipeline pipeline, string text, IReadOnlyList<PlacedPiece> pieces, string decoded, JsonObject row)
    {
        int[] ids = [.. pieces.Select(piece => piece.Id)];
        List<int> fast = [];
        pipeline.EncodeIds(text, withSpecial: false, fast);
        if (!ids.SequenceEqual(fast))
        {
            throw new InvalidDataException($"{row["s"]}: the fast encoder gives other ids than the model: {string.Join(' ', fast.Take(40))} instead of {string.Join(' ', ids.Take(40))}");
        }

        List<int> slow = [];
        (pipeline with { FastEncoder = null }).EncodeIds(text, withSpecial: false, slow);
        if (!ids.SequenceEqual(slow) || pipeline.Decode(ids, skipSpecialTokens: false) != decoded)
        {
            throw new InvalidDataException($"{row["s"]}: the pipeline gives other ids or another text than the model");
        }
    }

    private static JsonObject Options(SentencePieceModel model, TokenizerCase input, JsonObject row) => new()
    {
        ["ids"] = TokenizerCase.Numbers(model.Encode(input.TextOf(row), row["add_bos"]!.GetValue<bool>(), row["add_eos"]!.GetValue<bool>(), row["reverse"]!.GetValue<bool>())),
    };

    private static JsonObject Piece(SentencePieceModel model, int id)
    {
        ModelPiece piece = model.File.Pieces[id];
        return new JsonObject
        {
            ["piece"] = piece.Text,
            ["score"] = piece.Score,
            ["type"] = piece.Type switch
            {
                PieceType.Unknown => "unknown",
                PieceType.Control => "control",
                PieceType.Byte => "byte",
                PieceType.Unused => "unused",
                _ => "other",
            },
        };
    }

    private static JsonObject Best(SentencePieceModel model, TokenizerCase input, JsonObject row) => new()
    {
        ["nbest"] = new JsonArray([.. model.EncodeBest(input.TextOf(row), row["n"]!.GetValue<int>()).Select(best => (JsonNode)new JsonObject
        {
            ["ids"] = TokenizerCase.Numbers(best.Ids),
            ["score"] = best.Score,
        })]),
    };

    private static JsonObject Decode(SentencePieceModel model, JsonObject row) => new()
    {
        ["text"] = row["ids"] is JsonNode ids ? model.Decode(TokenizerCase.Ids(ids)) : model.Decode(row["pieces"]!.AsArray().Select(piece => piece!.GetValue<string>())),
    };
}
