using System.Text.Json.Nodes;
using Athanor.Tokenization;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Conformance.Tokenizers;

/// <summary>Answers the rows of the kinds that load a tokenizer with a pipeline: encodings of texts, pairs and batches, and what single parts of it do.</summary>
internal static class EncodingRows
{
    /// <summary>Answers everything the case asks of a tokenizer.</summary>
    public static void Answer(TokenizerCase input, CaseResults results, Tokenizer tokenizer)
    {
        TokenizerPipeline pipeline = tokenizer.Pipeline;
        foreach (string name in (string[])["encode", "pairs"])
        {
            // Where decoding gives the string, and skipping special tokens changes nothing, rows do not say so
            input.Complete(name, "decoded", row => row.ContainsKey("ids") ? JsonValue.Create(TokenizerCase.Mended(input.TextOf(row))) : null);
            input.Complete(name, "decoded_skip", row => row["decoded"]);
            input.Complete(name, "decoded_skip_sha256", row => row["decoded_sha256"]);
            input.Answer(results, name, row => Encode(input, tokenizer, row), "s", "t", "text", "special");
        }

        input.Answer(results, "batch", row => Batch(input, tokenizer, row), "items");
        input.Answer(results, "normalized", row => new JsonObject { ["text"] = Normalize(pipeline, input.StringAt(row["s"]!)) }, "s");
        input.Answer(results, "pre_tokens", row => PreTokenize(pipeline, input.StringAt(row["s"]!)), "s");
        input.Answer(results, "decode", row => new JsonObject { ["decoded"] = pipeline.Decode(TokenizerCase.Ids(row["ids"]!), false), ["decoded_skip"] = pipeline.Decode(TokenizerCase.Ids(row["ids"]!), true) }, "ids");
        input.Answer(results, "decode_tokens", row => new JsonObject { ["text"] = DecodeTokens(pipeline, row["tokens"]!.AsArray()) }, "tokens");
    }

    private static JsonObject Encode(TokenizerCase input, Tokenizer tokenizer, JsonObject row)
    {
        EncodedText encoding;
        try
        {
            encoding = tokenizer.EncodeText(input.TextOf(row), input.PairOf(row), row["special"]?.GetValue<bool>() ?? true);
        }
        catch (EncodingException)
        {
            return new JsonObject { ["error"] = true };
        }

        int[] ids = [.. encoding.Ids];
        string decoded = tokenizer.Decode(ids);
        string skipped = tokenizer.Decode(ids, skipSpecialTokens: true);
        if (row.ContainsKey("ids_runs"))
        {
            return new JsonObject { ["ids_runs"] = TokenizerCase.Runs(ids), ["decoded_sha256"] = TokenizerCase.Sha256(decoded), ["decoded_skip_sha256"] = TokenizerCase.Sha256(skipped) };
        }

        JsonObject answer = Fields(encoding, row);
        answer["decoded"] = decoded;
        answer["decoded_skip"] = skipped;
        return answer;
    }

    private static JsonObject Fields(EncodedText encoding, JsonObject row)
    {
        JsonObject fields = new()
        {
            ["ids"] = TokenizerCase.Numbers(encoding.Ids),
            ["spans"] = TokenizerCase.Spans(encoding.CodePointOffsets),
            ["type_ids"] = TokenizerCase.Numbers(encoding.TypeIds),
            ["attention_mask"] = TokenizerCase.Numbers(encoding.AttentionMask),
            ["special_tokens_mask"] = TokenizerCase.Numbers(encoding.SpecialTokensMask),
            ["word_ids"] = TokenizerCase.Numbers(encoding.WordIds),
            ["sequence_ids"] = TokenizerCase.Numbers(encoding.SequenceIds),
        };
        if (row.ContainsKey("tokens"))
        {
            fields["tokens"] = TokenizerCase.Texts(encoding.Tokens);
        }

        if (encoding.Overflowing.Count > 0)
        {
            fields["overflowing"] = new JsonArray([.. encoding.Overflowing.Select(piece => (JsonNode)Fields(piece, row["overflowing"]?[0]?.AsObject() ?? row))]);
        }

        return fields;
    }

    private static JsonObject Batch(TokenizerCase input, Tokenizer tokenizer, JsonObject row)
    {
        string[] texts = [.. row["items"]!.AsArray().Select(item => input.StringAt(item!))];
        JsonArray expected = row["rows"]!.AsArray();
        return new JsonObject { ["rows"] = new JsonArray([.. tokenizer.EncodeBatch(texts).Select((encoding, index) => (JsonNode)Fields(encoding, expected[index]!.AsObject()))]) };
    }

    private static string Normalize(TokenizerPipeline pipeline, string text) => (pipeline.Normalizer?.Normalize(NormalizedText.From(text)) ?? NormalizedText.From(text)).ToString();

    private static JsonObject PreTokenize(TokenizerPipeline pipeline, string text)
    {
        NormalizedText whole = NormalizedText.From(text);
        PreTokenizedText words = new(whole);
        pipeline.PreTokenizer?.PreTokenize(words);
        OriginalText original = new(whole.ToString());
        return new JsonObject
        {
            ["pieces"] = TokenizerCase.Texts(words.Parts.Select(part => part.Text.ToString())),
            ["spans"] = TokenizerCase.Spans(words.Parts.Select(part => original.CodePoints(part.Text.Original))),
        };
    }

    private static string DecodeTokens(TokenizerPipeline pipeline, JsonArray tokens)
    {
        List<string> list = [.. tokens.Select(token => token!.GetValue<string>())];
        if (pipeline.Decoder is null)
        {
            return string.Join(' ', list);
        }

        pipeline.Decoder.Decode(list);
        return string.Concat(list);
    }
}
