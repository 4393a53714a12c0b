using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Tiktoken;

namespace Athanor.Tokenization.Files;

/// <summary>Opens a tokenizer's file or folder of any format, told by what is in it.</summary>
internal static class TokenizerFile
{
    // The names that models come with, the fullest description first
    private static readonly string[] Names = [Tokenizer.FileName, "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "vocab.txt"];

    private const string Cure = "name a tokenizer.json, a SentencePiece .model, a tiktoken rank file, a GGUF file, vocab.json with merges.txt, a BERT vocab.txt, or a folder with one of them";

    /// <summary>Opens a file or folder.</summary>
    /// <exception cref="AthanorException">Nothing is there, or nothing that is known; or the file is malformed.</exception>
    public static TokenizerPipeline Open(string path)
    {
        if (!Directory.Exists(path))
        {
            return OpenFile(path);
        }

        string[] files = Directory.GetFiles(path);
        string? file = Names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
            ?? Only(files, ".model") ?? Only(files, ".tiktoken") ?? Only(files, ".gguf");
        return file is not null ? OpenFile(file) : throw new AthanorException($"{path} holds no tokenizer", Cure);
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="AthanorException">It cannot be read.</exception>
    public static byte[] ReadAll(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", Cure, exception);
        }
    }

    private static TokenizerPipeline OpenFile(string path)
    {
        byte[] start = ReadStart(path);
        if (start.AsSpan().StartsWith("GGUF"u8))
        {
            return GgufVocabulary.Open(path);
        }

        if (TiktokenFile.IsOne(start))
        {
            return TiktokenPipeline.Open(path);
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (IsJson(start))
        {
            byte[] json = ReadAll(path);
            return BytePairFiles.IsVocabulary(json)
                ? BytePairFiles.Read(path, Beside(folder, "merges.txt", path), BytePairSettings(folder, json))
                : TokenizerJsonReader.Read(json, path);
        }

        if (IsSentencePiece(start))
        {
            return SentencePiecePipeline.Of(SentencePieceModel.Open(path));
        }

        if (start.AsSpan().StartsWith("#version"u8) || Path.GetFileName(path) == "merges.txt")
        {
            string vocabulary = Beside(folder, "vocab.json", path);
            return BytePairFiles.Read(vocabulary, path, BytePairSettings(folder, ReadAll(vocabulary)));
        }

        if (start.AsSpan().IndexOf("[UNK]"u8) >= 0 || Path.GetFileName(path) == "vocab.txt")
        {
            return WordPieceFile.Read(path, WordPieceSettings(folder));
        }

        throw new AthanorException($"{path} is no tokenizer file of a known format", Cure);
    }

    private static byte[] ReadStart(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] start = new byte[64 << 10];
            return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException(exception is FileNotFoundException or DirectoryNotFoundException ? $"{path} does not exist" : $"{path} cannot be read: {exception.Message}", Cure, exception);
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> start)
    {
        start = start.StartsWith("\uFEFF"u8) ? start[3..] : start;
        return start.TrimStart(" \t\r\n"u8).StartsWith("{"u8);
    }

    // A model begins with a piece (field 1), whose text (again field 1) comes first
    private static bool IsSentencePiece(ReadOnlySpan<byte> start) => start.Length > 4 && start[0] == 0x0A && (start[2] == 0x0A || (start[1] >= 0x80 && start[3] == 0x0A));

    private static string? Only(string[] files, string extension) =>
        files.Where(file => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase)).Take(2).ToArray() is [string file] ? file : null;

    private static string Beside(string folder, string name, string path)
    {
        string other = Path.Combine(folder, name);
        return File.Exists(other) ? other : throw new AthanorException($"{path} is one of two files; {name} is missing beside it", $"put {name} beside it");
    }

    // GPT-2 unless the vocabulary or the settings beside it say otherwise
    private static BytePairFileOptions BytePairSettings(string folder, byte[] vocabulary)
    {
        JsonElement settings = Settings(folder);
        bool prefix = Flag(settings, "add_prefix_space") ?? false;
        bool Has(ReadOnlySpan<byte> token) => vocabulary.AsSpan().IndexOf(token) >= 0;
        if (Has("</w>\""u8))
        {
            return new BytePairFileOptions { ByteLevel = false, EndOfWordSuffix = "</w>", Lowercase = true, UnknownToken = Has("\"<unk>\""u8) ? "<unk>" : null, SpecialTokens = Has("\"<unk>\""u8) ? ["<unk>"] : [] };
        }

        if (Has("\"<s>\""u8) && Has("\"</s>\""u8) && Has("\"<mask>\""u8))
        {
            return new BytePairFileOptions { AddPrefixSpace = prefix, RobertaTemplate = true, SpecialTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] };
        }

        return new BytePairFileOptions { AddPrefixSpace = prefix };
    }

    private static WordPieceFileOptions WordPieceSettings(string folder)
    {
        JsonElement settings = Settings(folder);
        return new WordPieceFileOptions
        {
            Lowercase = Flag(settings, "do_lower_case") ?? true,
            StripAccents = Flag(settings, "strip_accents"),
            TokenizeChineseCharacters = Flag(settings, "tokenize_chinese_chars") ?? true,
        };
    }

    private static JsonElement Settings(string folder)
    {
        string path = Path.Combine(folder, TokenizerFolder.ConfigFileName);
        if (!File.Exists(path))
        {
            return default;
        }

        try
        {
            return JsonElement.Parse(ReadAll(path));
        }
        catch (JsonException exception)
        {
            throw JsonPart.Broken(path, exception.Message, exception);
        }
    }

    private static bool? Flag(JsonElement settings, string name) =>
        settings.ValueKind == JsonValueKind.Object && settings.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
}
