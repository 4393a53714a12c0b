using System.Buffers;
using System.Text;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;
using Athanor.Tokenization.WordLevels;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tokenization.Files;

/// <summary>
/// Reads the member <c>model</c> of a tokenizer.json from its UTF-8, vocabulary and merges straight into tables: they are nearly all of the file, and a document of them would be many times as large.
/// </summary>
internal ref struct ModelJsonReader
{
    private readonly string _file;
    private readonly ReadOnlySpan<byte> _json;

    // Where in the file vocabulary and merges stand; they are read once the type is known
    private Range _vocabulary;
    private Range _merges;
    private bool _hasVocabulary;
    private bool _hasMerges;

    private ModelJsonReader(ReadOnlySpan<byte> json, string file)
    {
        _json = json;
        _file = file;
    }

    /// <summary>Reads a model.</summary>
    /// <param name="json">The object, valid UTF-8.</param>
    /// <param name="file">The file's path, for messages.</param>
    /// <exception cref="AthanorException">It is malformed or contradicts itself.</exception>
    public static ITokenModel Read(ReadOnlySpan<byte> json, string file) => new ModelJsonReader(json, file).Read();

    /// <summary>Reads an object of tokens and ids.</summary>
    public static TokenVocabulary ReadVocabulary(ReadOnlySpan<byte> json, string file, string place)
    {
        Utf8JsonReader reader = new(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonPart.Broken(file, $"{place} is no object");
        }

        // A token takes four bytes at least (quotes, colon, digit), so this is bounded by the file's own length
        TokenVocabulary vocabulary = new();
        vocabulary.Reserve(json.Length / 32, json.Length / 2);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1024);
        int largest = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> token = Text(ref reader, ref buffer);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id < 0)
            {
                throw JsonPart.Broken(file, $"{place}: the token {Shown(token)} has an id that is no whole number from 0 on");
            }

            if (id >= MergeTable.MostTokens)
            {
                throw JsonPart.Broken(file, $"{place}: the token {Shown(token)} has the id {id}; ids are below {MergeTable.MostTokens}");
            }

            largest = Math.Max(largest, id);
            switch (vocabulary.Add(token, id))
            {
                case AddResult.TokenIsThere:
                    throw JsonPart.Broken(file, $"{place}: the token {Shown(token)} occurs twice");
                case AddResult.IdIsTaken:
                    throw JsonPart.Broken(file, $"{place}: the tokens {vocabulary.TokenOf(id)} and {Shown(token)} have the same id {id}");
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return vocabulary;
    }

    private ITokenModel Read()
    {
        Utf8JsonReader reader = new(_json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonPart.Broken(_file, "model is no object");
        }

        // All but the two large members make a small object of their own
        ArrayBufferWriter<byte> rest = new();
        rest.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int name = (int)reader.TokenStartIndex;
            bool isVocabulary = reader.ValueTextEquals("vocab"u8);
            bool isMerges = reader.ValueTextEquals("merges"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            int end = (int)reader.BytesConsumed;
            if (isVocabulary && !_hasVocabulary)
            {
                (_vocabulary, _hasVocabulary) = (start..end, true);
            }
            else if (isMerges && !_hasMerges)
            {
                (_merges, _hasMerges) = (start..end, true);
            }
            else
            {
                rest.Write(rest.WrittenCount > 1 ? ","u8 : ""u8);
                rest.Write(_json[name..end]);
            }
        }

        rest.Write("}"u8);
        using JsonDocument document = JsonDocument.Parse(rest.WrittenMemory);
        JsonPart part = new(document.RootElement, _file, "model");
        if (!_hasVocabulary)
        {
            throw part.Broken("has no vocab");
        }

        string type = part.OptionalString("type") ?? TypeWithoutName(part);
        if (_hasMerges != (type == "BPE"))
        {
            throw part.Broken(_hasMerges ? $"is {type}, which has no merges" : "is BPE and has no merges");
        }

        return type switch
        {
            "BPE" => ReadBytePairs(part),
            "WordPiece" => part.Done(new WordPieceModel(Vocabulary(), part.String("unk_token"), part.String("continuing_subword_prefix"), part.Int("max_input_chars_per_word"))),
            "WordLevel" => part.Done(new WordLevelModel(Vocabulary(), part.String("unk_token"))),
            "Unigram" => ReadUnigrams(part),
            _ => throw part.Broken($"has the type {type}, which this version does not know"),
        };
    }

    // Versions before 0.8 wrote no type
    private readonly string TypeWithoutName(JsonPart part) =>
        _hasMerges ? "BPE" : part.Has("continuing_subword_prefix") ? "WordPiece" : _json[_vocabulary.Start] == (byte)'[' ? "Unigram" : "WordLevel";

    private readonly TokenVocabulary Vocabulary() => ReadVocabulary(_json[_vocabulary], _file, "model.vocab");

    private readonly BytePairTokenModel ReadBytePairs(JsonPart part)
    {
        double? dropout = part.OptionalNumber("dropout");
        if (dropout is < 0 or > 1)
        {
            throw part.Wrong("dropout", "a probability");
        }

        // Hugging Face takes an empty prefix or suffix like none
        BytePairOptions options = part.Done(new BytePairOptions(
            part.OptionalString("unk_token"),
            part.OptionalString("continuing_subword_prefix"),
            part.OptionalString("end_of_word_suffix"),
            part.Bool("fuse_unk", absent: false),
            part.Bool("byte_fallback", absent: false),
            part.Bool("ignore_merges", absent: false),
            dropout));
        TokenVocabulary vocabulary = Vocabulary();
        return new BytePairTokenModel(vocabulary, ReadMerges(vocabulary, Encoding.UTF8.GetByteCount(options.ContinuingPrefix ?? "")), options);
    }

    private readonly List<Merge> ReadMerges(TokenVocabulary vocabulary, int prefix)
    {
        Utf8JsonReader reader = new(_json[_merges]);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonPart.Broken(_file, "model.merges is no list");
        }

        List<Merge> merges = new(Math.Min(vocabulary.Count, _json[_merges].Length / 4));
        MergeReader merger = new(vocabulary, prefix, _file, "model.merges");
        byte[] first = ArrayPool<byte>.Shared.Rent(1024);
        byte[] second = ArrayPool<byte>.Shared.Rent(1024);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                // "#version: 0.2" comes from the first line of a merges.txt
                ReadOnlySpan<byte> line = Text(ref reader, ref first);
                if (!line.StartsWith("#version"u8))
                {
                    merges.Add(merger.Read(line, merges.Count));
                }

                continue;
            }

            bool isPair = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String;
            ReadOnlySpan<byte> left = isPair ? Text(ref reader, ref first) : default;
            isPair = isPair && reader.Read() && reader.TokenType == JsonTokenType.String;
            ReadOnlySpan<byte> right = isPair ? Text(ref reader, ref second) : default;
            if (!isPair || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            {
                throw JsonPart.Broken(_file, $"model.merges[{merges.Count}] is not a pair of tokens");
            }

            merges.Add(merger.Read(left, right, merges.Count));
        }

        ArrayPool<byte>.Shared.Return(first);
        ArrayPool<byte>.Shared.Return(second);
        return merges;
    }

    private readonly UnigramModel ReadUnigrams(JsonPart part)
    {
        Utf8JsonReader reader = new(_json[_vocabulary]);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonPart.Broken(_file, "model.vocab is no list");
        }

        List<KeyValuePair<string, double>> pieces = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isPair = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String;
            string piece = isPair ? reader.GetString()! : "";
            double score = 0;
            isPair = isPair && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out score);
            if (!isPair || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            {
                throw JsonPart.Broken(_file, $"model.vocab[{pieces.Count}] is not a pair of a piece and its score");
            }

            pieces.Add(KeyValuePair.Create(piece, score));
        }

        int? unknown = part.OptionalInt("unk_id");
        if (unknown >= pieces.Count)
        {
            throw part.Broken($"has the unk_id {unknown}, but {pieces.Count} pieces");
        }

        return part.Done(new UnigramModel(pieces, unknown, part.Bool("byte_fallback", absent: false)));
    }

    private static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader, ref byte[] buffer)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (buffer.Length < reader.ValueSpan.Length)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        }

        return buffer.AsSpan(0, reader.CopyString(buffer));
    }

    private static string Shown(ReadOnlySpan<byte> token) => Encoding.UTF8.GetString(token);
}
