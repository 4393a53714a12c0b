using System.Text.Json;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;
using Athanor.Tokenization.WordLevels;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tokenization.Files;

/// <summary>Writes the member <c>model</c> of a tokenizer.json.</summary>
internal static class ModelJsonWriter
{
    public static void Write(Utf8JsonWriter json, ITokenModel model)
    {
        json.WriteStartObject("model");
        switch (model)
        {
            case BytePairTokenModel bytePairs:
                Write(json, bytePairs);
                break;
            case WordPieceModel wordPieces:
                json.WriteString("type", "WordPiece");
                json.WriteString("unk_token", wordPieces.UnknownToken);
                json.WriteString("continuing_subword_prefix", wordPieces.ContinuingPrefix);
                json.WriteNumber("max_input_chars_per_word", wordPieces.MaxCharacters);
                WriteVocabulary(json, wordPieces.Vocabulary);
                break;
            case WordLevelModel words:
                json.WriteString("type", "WordLevel");
                WriteVocabulary(json, words.Vocabulary);
                json.WriteString("unk_token", words.UnknownToken);
                break;
            case UnigramModel unigrams:
                Write(json, unigrams);
                break;
            default:
                throw new NotSupportedException($"{model.GetType().Name} has no form in a tokenizer.json");
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BytePairTokenModel model)
    {
        BytePairOptions options = model.Options;
        json.WriteString("type", "BPE");
        if (options.Dropout is double dropout)
        {
            json.WriteNumber("dropout", dropout);
        }
        else
        {
            json.WriteNull("dropout");
        }

        json.WriteString("unk_token", options.UnknownToken);
        json.WriteString("continuing_subword_prefix", options.ContinuingPrefix);
        json.WriteString("end_of_word_suffix", options.EndOfWordSuffix);
        json.WriteBoolean("fuse_unk", options.FuseUnknown);
        json.WriteBoolean("byte_fallback", options.ByteFallback);
        json.WriteBoolean("ignore_merges", options.IgnoreMerges);
        WriteVocabulary(json, model.Vocabulary);
        json.WriteStartArray("merges");
        foreach (Merge merge in model.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(model.Vocabulary.BytesOf(merge.Left));
            json.WriteStringValue(model.Vocabulary.BytesOf(merge.Right));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteVocabulary(Utf8JsonWriter json, TokenVocabulary vocabulary)
    {
        json.WriteStartObject("vocab");
        foreach (int id in vocabulary.Ids)
        {
            json.WriteNumber(vocabulary.BytesOf(id), id);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, UnigramModel model)
    {
        json.WriteString("type", "Unigram");
        if (model.UnknownId is int unknown)
        {
            json.WriteNumber("unk_id", unknown);
        }
        else
        {
            json.WriteNull("unk_id");
        }

        json.WriteStartArray("vocab");
        for (int id = 0; id < model.VocabularySize; id++)
        {
            json.WriteStartArray();
            json.WriteStringValue(model.TokenOf(id));
            json.WriteNumberValue(model.ScoreOf(id));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteBoolean("byte_fallback", model.ByteFallback);
    }
}
