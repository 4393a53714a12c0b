using System.Buffers;
using System.Runtime.CompilerServices;
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
/// Reads the member <c>model</c> of a tokenizer.json in one pass over its UTF-8, vocabulary and merges straight into tables: they are nearly all of the file, and a document of them would be many
/// times as large.
/// </summary>
internal ref struct ModelJsonReader
{
    private readonly string _file;
    private readonly ReadOnlySpan<byte> _json;
    private TokenVocabulary? _vocabulary;
    private List<KeyValuePair<string, double>>? _pieces;
    private List<Merge>? _merges;
    private Range? _mergesToRead;

    private ModelJsonReader(ReadOnlySpan<byte> json, string file)
    {
        _json = json;
        _file = file;
    }

    /// <summary>Reads the object that the reader stands at.</summary>
    /// <param name="json">What the reader reads, valid UTF-8.</param>
    /// <param name="reader">The reader; after the call it stands at the object's end.</param>
    /// <param name="file">The file's path, for messages.</param>
    /// <exception cref="AthanorException">It is malformed or contradicts itself.</exception>
    public static ITokenModel Read(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, string file) => new ModelJsonReader(json, file).Read(ref reader);

    /// <summary>Reads an object of tokens and ids.</summary>
    public static TokenVocabulary ReadVocabulary(ReadOnlySpan<byte> json, string file, string place)
    {
        Utf8JsonReader reader = new(json);
        reader.Read();
        return ReadVocabulary(ref reader, json.Length, file, place);
    }

    private ITokenModel Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonPart.Broken(_file, "model is no object");
        }

        // All but the two large members make a small object of their own
        ArrayBufferWriter<byte> rest = new();
        rest.Write("{"u8);
        int? prefix = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int name = (int)reader.TokenStartIndex;
            bool isVocabulary = reader.ValueTextEquals("vocab"u8);
            bool isMerges = reader.ValueTextEquals("merges"u8);
            bool isPrefix = reader.ValueTextEquals("continuing_subword_prefix"u8);
            reader.Read();
            if (isVocabulary && _vocabulary is null && _pieces is null)
            {
                ReadVocabulary(ref reader);
            }
            else if (isMerges && _merges is null && _mergesToRead is null)
            {
                // They are read when what they refer to is known, which in a file as it is written is now
                if (_vocabulary is not null && prefix is int length)
                {
                    _merges = ReadMerges(ref reader, _vocabulary, length);
                }
                else
                {
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    _mergesToRead = start..(int)reader.BytesConsumed;
                }
            }
            else
            {
                prefix = isPrefix ? reader.TokenType == JsonTokenType.String ? Encoding.UTF8.GetByteCount(reader.GetString()!) : 0 : prefix;
                reader.Skip();
                rest.Write(rest.WrittenCount > 1 ? ","u8 : ""u8);
                rest.Write(_json[name..(int)reader.BytesConsumed]);
            }
        }

        rest.Write("}"u8);
        using JsonDocument document = JsonDocument.Parse(rest.WrittenMemory);
        return Read(new JsonPart(document.RootElement, _file, "model"));
    }

    private readonly ITokenModel Read(JsonPart part)
    {
        bool hasMerges = _merges is not null || _mergesToRead is not null;

        // Versions before 0.8 wrote no type
        string type = part.OptionalString("type")
            ?? (hasMerges ? "BPE" : _pieces is not null ? "Unigram" : part.Has("continuing_subword_prefix") ? "WordPiece" : "WordLevel");
        if (type is not ("BPE" or "WordPiece" or "WordLevel" or "Unigram"))
        {
            throw part.Broken($"has the type {type}, which this version does not know");
        }

        if (hasMerges != (type == "BPE"))
        {
            throw part.Broken(hasMerges ? $"is {type}, which has no merges" : "is BPE and has no merges");
        }

        if (type == "Unigram")
        {
            return ReadUnigrams(part, _pieces ?? throw part.Broken("has no vocab, or not a list of pieces with scores, as Unigram wants it"));
        }

        TokenVocabulary vocabulary = _vocabulary ?? throw part.Broken($"has no vocab, or not an object of tokens with ids, as {type} wants it");
        return type switch
        {
            "BPE" => ReadBytePairs(part, vocabulary),
            "WordPiece" => part.Done(new WordPieceModel(vocabulary, part.String("unk_token"), part.String("continuing_subword_prefix"), part.Int("max_input_chars_per_word"))),
            _ => part.Done(new WordLevelModel(vocabulary, part.String("unk_token"))),
        };
    }

    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                _vocabulary = ReadVocabulary(ref reader, _json.Length - (int)reader.BytesConsumed, _file, "model.vocab");
                break;
            case JsonTokenType.StartArray:
                _pieces = ReadPieces(ref reader);
                break;
            default:
                throw JsonPart.Broken(_file, "model.vocab is neither an object nor a list");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TokenVocabulary ReadVocabulary(ref Utf8JsonReader reader, int length, string file, string place)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonPart.Broken(file, $"{place} is no object");
        }

        // Room by the length of the file, which no number in it can change; a token takes 16 bytes of it or more, with the merges of it
        TokenVocabulary vocabulary = new();
        vocabulary.Reserve(length / 64, length / 4);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1024);
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

    private readonly List<KeyValuePair<string, double>> ReadPieces(ref Utf8JsonReader reader)
    {
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

        return pieces;
    }

    private readonly BytePairTokenModel ReadBytePairs(JsonPart part, TokenVocabulary vocabulary)
    {
        double? dropout = part.OptionalNumber("dropout");
        if (dropout is < 0 or > 1)
        {
            throw part.Wrong("dropout", "a probability");
        }

        BytePairOptions options = part.Done(new BytePairOptions(
            part.OptionalString("unk_token"),
            part.OptionalString("continuing_subword_prefix"),
            part.OptionalString("end_of_word_suffix"),
            part.Bool("fuse_unk", absent: false),
            part.Bool("byte_fallback", absent: false),
            part.Bool("ignore_merges", absent: false),
            dropout));
        List<Merge>? merges = _merges;
        if (_mergesToRead is Range range)
        {
            Utf8JsonReader reader = new(_json[range]);
            reader.Read();
            merges = ReadMerges(ref reader, vocabulary, Encoding.UTF8.GetByteCount(options.ContinuingPrefix ?? ""));
        }

        return new BytePairTokenModel(vocabulary, merges!, options);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly List<Merge> ReadMerges(ref Utf8JsonReader reader, TokenVocabulary vocabulary, int prefix)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonPart.Broken(_file, "model.merges is no list");
        }

        List<Merge> merges = new(vocabulary.Count);
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

    private static UnigramModel ReadUnigrams(JsonPart part, List<KeyValuePair<string, double>> pieces)
    {
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
