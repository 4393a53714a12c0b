using System.Text.Encodings.Web;
using System.Text.Json;
using Athanor.Core.Files;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Files;

/// <summary>Writes the <c>tokenizer.json</c> of Hugging Face tokenizers.</summary>
internal static class TokenizerJsonWriter
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="NotSupportedException">A part has no form in this format.</exception>
    public static void Write(TokenizerPipeline pipeline, string path) => AtomicFile.Write(path, stream =>
    {
        using Utf8JsonWriter json = new(stream, Options);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        WritePart(json, "truncation", pipeline.Truncation, LengthJson.Write);
        WritePart(json, "padding", pipeline.Padding, LengthJson.Write);
        json.WriteStartArray("added_tokens");
        foreach ((int id, AddedToken token) in pipeline.Added.Tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.LStrip);
            json.WriteBoolean("rstrip", token.RStrip);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WritePart(json, "normalizer", pipeline.Normalizer, NormalizerJson.Write);
        WritePart(json, "pre_tokenizer", pipeline.PreTokenizer, PreTokenizerJson.Write);
        WritePart(json, "post_processor", pipeline.PostProcessor, PostProcessorJson.Write);
        WritePart(json, "decoder", pipeline.Decoder, DecoderJson.Write);
        ModelJsonWriter.Write(json, pipeline.Model);
        json.WriteEndObject();
    });

    private static void WritePart<T>(Utf8JsonWriter json, string name, T? part, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (part is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WritePropertyName(name);
            write(json, part);
        }
    }
}
