using System.Text.Json;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Files;

/// <summary>The member <c>decoder</c> of a tokenizer.json.</summary>
internal static class DecoderJson
{
    public static IDecoder Read(JsonPart part) => part.Type switch
    {
        "BPEDecoder" => part.Done(new BytePairDecoder(part.String("suffix"))),
        "ByteFallback" => part.Done(new ByteFallbackDecoder()),
        "ByteLevel" => part.Done(new ByteLevelDecoder(part.Bool("add_prefix_space"), part.Bool("trim_offsets"), part.Bool("use_regex", absent: true))),
        "CTC" => part.Done(new CtcDecoder(part.String("pad_token"), part.String("word_delimiter_token"), part.Bool("cleanup"))),
        "Fuse" => part.Done(new FuseDecoder()),
        "Metaspace" => PreTokenizerJson.ReadMetaspace(part, (replacement, scheme, split) => new MetaspaceDecoder(replacement, scheme, split)),
        "Replace" => part.Done(new ReplaceDecoder(PatternJson.Read(part), part.String("content"))),
        "Sequence" => part.Done(new DecoderSequence([.. part.Parts("decoders").Select(Read)])),
        "Strip" => part.Done(new StripDecoder(part.Character("content"), part.Int("start"), part.Int("stop"))),
        "WordPiece" => part.Done(new WordPieceDecoder(part.String("prefix"), part.Bool("cleanup"))),
        string type => throw part.Broken($"has the type {type}, which this version does not know"),
    };

    public static void Write(Utf8JsonWriter json, IDecoder decoder)
    {
        json.WriteStartObject();
        switch (decoder)
        {
            case BytePairDecoder bytePair:
                json.WriteString("type", "BPEDecoder");
                json.WriteString("suffix", bytePair.Suffix);
                break;
            case ByteFallbackDecoder:
                json.WriteString("type", "ByteFallback");
                break;
            case ByteLevelDecoder byteLevel:
                json.WriteString("type", "ByteLevel");
                json.WriteBoolean("add_prefix_space", byteLevel.AddPrefixSpace);
                json.WriteBoolean("trim_offsets", byteLevel.TrimOffsets);
                json.WriteBoolean("use_regex", byteLevel.UseExpression);
                break;
            case CtcDecoder ctc:
                json.WriteString("type", "CTC");
                json.WriteString("pad_token", ctc.PadToken);
                json.WriteString("word_delimiter_token", ctc.WordDelimiterToken);
                json.WriteBoolean("cleanup", ctc.Cleanup);
                break;
            case FuseDecoder:
                json.WriteString("type", "Fuse");
                break;
            case MetaspaceDecoder metaspace:
                PreTokenizerJson.WriteMetaspace(json, metaspace.Replacement, metaspace.PrependScheme, metaspace.Split);
                break;
            case ReplaceDecoder replace:
                json.WriteString("type", "Replace");
                PatternJson.Write(json, replace.Pattern);
                json.WriteString("content", replace.Content);
                break;
            case DecoderSequence sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("decoders");
                foreach (IDecoder inner in sequence.Decoders)
                {
                    Write(json, inner);
                }

                json.WriteEndArray();
                break;
            case StripDecoder strip:
                json.WriteString("type", "Strip");
                json.WriteString("content", strip.Content.ToString());
                json.WriteNumber("start", strip.Start);
                json.WriteNumber("stop", strip.Stop);
                break;
            case WordPieceDecoder wordPiece:
                json.WriteString("type", "WordPiece");
                json.WriteString("prefix", wordPiece.Prefix);
                json.WriteBoolean("cleanup", wordPiece.Cleanup);
                break;
            default:
                throw new NotSupportedException($"{decoder.GetType().Name} has no form in a tokenizer.json");
        }

        json.WriteEndObject();
    }
}
