using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.LlamaCpp;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.PostProcessors;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.Files;

/// <summary>
/// The vocabulary in a GGUF file (<c>tokenizer.ggml.*</c>), as llama.cpp of 2026 reads it: which of its tokenizers, with which settings where the file names none, which
/// tokens are special though the file does not say so.
/// </summary>
internal static class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";

    // Ends what a model generates, whatever the file says the token is
    private static readonly string[] EndTokens =
    [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]",
        "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
    ];

    // What marks parts of a file for filling in the middle; of each list the first token that there is becomes a control token, if the file names none
    private static readonly (string[] Keys, string[] Tokens, bool Ends)[] MiddleTokens =
    [
        (["fim_pre_token_id", "prefix_token_id"], ["<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>"], false),
        (["fim_suf_token_id", "suffix_token_id"], ["<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>"], false),
        (["fim_mid_token_id", "middle_token_id"], ["<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>"], false),
        (["fim_pad_token_id"], ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"], true),
        (["fim_rep_token_id"], ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"], true),
        (["fim_sep_token_id"], ["<|file_sep|>"], true),
    ];

    /// <summary>Opens the vocabulary of a file as a pipeline.</summary>
    /// <exception cref="AthanorException">The file is missing, malformed, holds no vocabulary, or one of a kind that is not known (named).</exception>
    public static TokenizerPipeline Open(string path) => Read(GgufMetadata.Open(path));

    /// <summary>Takes the vocabulary out of a file's metadata.</summary>
    /// <exception cref="AthanorException">It holds no vocabulary, a contradictory one, or one of a kind that is not known (named).</exception>
    public static TokenizerPipeline Read(GgufMetadata file)
    {
        string model = file.Text(Prefix + "model") ?? throw Fault(file, "holds no vocabulary (tokenizer.ggml.model is missing)");
        LlamaVocabularyKind kind = model switch
        {
            "llama" => LlamaVocabularyKind.SentencePieces,
            "gpt2" or "gemma4" or "hybriddna" or "whitespace" => LlamaVocabularyKind.BytePairs,
            "bert" => LlamaVocabularyKind.WordPieces,
            "t5" => LlamaVocabularyKind.Unigrams,
            "rwkv" => LlamaVocabularyKind.Rwkv,
            "plamo2" => LlamaVocabularyKind.Plamo,
            _ => throw Fault(file, $"has a vocabulary of the kind {model}, which is not known"),
        };
        string name = model == "gemma4" ? "gemma4" : file.Text(Prefix + "pre") ?? "";
        LlamaPreTokenizer preTokenizer = kind != LlamaVocabularyKind.BytePairs ? new LlamaPreTokenizer([])
            : LlamaPreTokenizer.Find(name) ?? throw Fault(file, $"names the pre-tokenizer {name}, which is not known");
        LlamaVocabulary vocabulary = ReadTokens(file, model);

        // Unigrams and the others see the attributes as the file has them
        TokenAttributes[] asWritten = [.. vocabulary.Attributes];
        LlamaSettings settings = ReadSettings(file, vocabulary, kind, model, preTokenizer);
        settings = settings with { EndOfGeneration = MarkSpecials(file, vocabulary, settings) };
        byte[][] pieces = [.. Enumerable.Range(0, vocabulary.Count).Select(id => Piece(vocabulary, id, kind, preTokenizer))];
        int[] specials = [.. Enumerable.Range(0, vocabulary.Count).Where(id => vocabulary.Is(id, TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.UserDefined))];
        MarkStripping(file, vocabulary, specials);
        LlamaTokenModel tokens = new(kind, vocabulary, settings, CreateModel(file, vocabulary, asWritten, settings, kind, model, preTokenizer));
        return new TokenizerPipeline
        {
            Model = tokens,
            Added = new AddedVocabulary([.. specials.Select(id => Special(vocabulary, id))], tokens, null, longestFirst: true),
            PostProcessor = Frame(tokens),
            Decoder = new LlamaDecoder(vocabulary, pieces, settings.AddSpacePrefix, settings.CleanSpaces),
            FastEncoder = tokens,
        };
    }

    private static AddedToken Special(LlamaVocabulary vocabulary, int id) => new(
        Encoding.UTF8.GetString(vocabulary.Texts[id]),
        LStrip: vocabulary.Is(id, TokenAttributes.LStrip),
        RStrip: vocabulary.Is(id, TokenAttributes.RStrip),
        Special: vocabulary.Is(id, TokenAttributes.Control | TokenAttributes.Unknown));

    /// <summary>The tokens around a text: beginning and end where the file wants them, for word pieces always and with a separator; a second text follows in the same frame.</summary>
    private static TemplatePostProcessor? Frame(LlamaTokenModel tokens)
    {
        LlamaSettings settings = tokens.Settings;
        bool words = tokens.Kind == LlamaVocabularyKind.WordPieces;
        bool pieces = tokens.Kind is LlamaVocabularyKind.BytePairs or LlamaVocabularyKind.SentencePieces or LlamaVocabularyKind.Unigrams;
        TemplatePart? before = words || (pieces && settings.AddBos) ? Part(settings.Bos, 0) : null;
        TemplatePart? after = words ? Part(settings.Separator, 0) : pieces && settings.AddEos ? Part(settings.Eos, 0) : null;
        if (before is null && after is null)
        {
            return null;
        }

        TemplatePart?[] single = [before, new TemplatePart(0, 0), after];
        TemplatePart?[] second = [words ? null : before, new TemplatePart(1, 1), after is null ? null : after with { TypeId = 1 }];
        return new TemplatePostProcessor([.. single.OfType<TemplatePart>()], [.. single.Concat(second).OfType<TemplatePart>()]);

        TemplatePart? Part(int id, int type) => id < 0 ? null : new TemplatePart(type, 0, [new SpecialToken(tokens.TokenOf(id)!, id)], tokens.TokenOf(id)!);
    }

    private static ILlamaModel CreateModel(
        GgufMetadata file, LlamaVocabulary vocabulary, TokenAttributes[] asWritten, LlamaSettings settings, LlamaVocabularyKind kind, string model, LlamaPreTokenizer preTokenizer)
    {
        bool lowercase = file.Flag(Prefix + "normalizer.lowercase") ?? (kind != LlamaVocabularyKind.BytePairs || file.Text(Prefix + "pre") != "whitespace");
        switch (kind)
        {
            case LlamaVocabularyKind.SentencePieces:
                return new LlamaSentencePieces(vocabulary, settings.AddSpacePrefix, settings.Unknown);
            case LlamaVocabularyKind.WordPieces:
                return new LlamaWordPieces(vocabulary, settings.Unknown, lowercase, file.Flag(Prefix + "normalizer.strip_accents") ?? lowercase);
            case LlamaVocabularyKind.Unigrams:
                byte[]? map = file.TryGetValue(Prefix + "precompiled_charsmap", out object? bytes) && bytes is sbyte[] signed
                    ? Array.ConvertAll(signed, value => (byte)value)
                    : file.Array<byte>(Prefix + "precompiled_charsmap");
                return new LlamaUnigrams(
                    vocabulary, asWritten, settings.Unknown, map is null ? null : PrecompiledMap.Read(map), settings.AddSpacePrefix, file.Flag(Prefix + "remove_extra_whitespaces") ?? false);
            case LlamaVocabularyKind.Rwkv:
                return new LlamaRwkv(vocabulary, settings.Unknown);
            case LlamaVocabularyKind.Plamo:
                return new LlamaPlamo(vocabulary);
            default:
                GgufStrings? merges = file.Strings(Prefix + "merges");
                if (merges is null && file.Text(Prefix + "pre") != "kimi-k2")
                {
                    throw Fault(file, "has no tokenizer.ggml.merges");
                }

                LlamaBytePairs pairs = new(vocabulary, Enumerable.Range(0, merges?.Count ?? 0).Select(at => merges![at].ToArray()), preTokenizer, wholeLines: preTokenizer == LlamaPreTokenizer.Find("gemma4"));
                return model switch
                {
                    "hybriddna" => new LlamaDna(pairs, vocabulary),
                    "whitespace" => new LlamaWhiteSpace(pairs, lowercase),
                    _ => pairs,
                };
        }
    }

    private static LlamaVocabulary ReadTokens(GgufMetadata file, string model)
    {
        GgufStrings tokens = file.Strings(Prefix + "tokens") ?? throw Fault(file, "has no tokenizer.ggml.tokens");
        float[] scores = !file.TryGetValue(Prefix + "scores", out object? numbers) ? new float[tokens.Count]
            : numbers is int[] whole ? Array.ConvertAll(whole, value => (float)value)
            : file.Array<float>(Prefix + "scores")!;
        int[]? types = file.Array<int>(Prefix + "token_type");
        if (scores.Length < tokens.Count || types?.Length < tokens.Count)
        {
            throw Fault(file, $"has {tokens.Count} tokens, but {scores.Length} scores and {types?.Length ?? tokens.Count} types");
        }

        byte[][] texts = new byte[tokens.Count][];
        TokenAttributes[] attributes = new TokenAttributes[tokens.Count];
        for (int id = 0; id < texts.Length; id++)
        {
            texts[id] = tokens[id].IsEmpty ? Encoding.ASCII.GetBytes($"[EMPTY_{id}]") : tokens[id].ToArray();
            attributes[id] = types is null ? TokenAttributes.Normal : types[id] switch
            {
                1 => TokenAttributes.Normal,
                2 => TokenAttributes.Unknown,
                3 => TokenAttributes.Control,
                4 => TokenAttributes.UserDefined,
                5 => TokenAttributes.Unused,
                6 => TokenAttributes.Byte,
                _ => TokenAttributes.None,
            };
            if (model == "plamo2" && texts[id].Length > 4 * LlamaPlamo.LongestToken)
            {
                throw Fault(file, $"has a token of {texts[id].Length} bytes (id {id})");
            }
        }

        try
        {
            return new LlamaVocabulary(texts, scores, attributes);
        }
        catch (ArgumentException exception)
        {
            throw Fault(file, "has two equal tokens", exception);
        }
    }

    private static LlamaSettings ReadSettings(GgufMetadata file, LlamaVocabulary vocabulary, LlamaVocabularyKind kind, string model, LlamaPreTokenizer preTokenizer)
    {
        // bos, eos, unknown, separator, padding where the file names none
        int[] ids = (kind, model) switch
        {
            (LlamaVocabularyKind.SentencePieces, _) => [1, 2, 0, -1, -1],
            (LlamaVocabularyKind.WordPieces, _) => [101, -1, 100, 102, 0],
            (LlamaVocabularyKind.Unigrams, _) => [-1, 1, 2, -1, 0],
            (LlamaVocabularyKind.Plamo, _) => [1, 2, 0, -1, 3],
            (LlamaVocabularyKind.BytePairs, not "gemma4") => [preTokenizer.HasBos ? 11 : -1, 11, -1, -1, -1],
            _ => [-1, -1, -1, -1, -1],
        };
        string[] keys = ["bos_token_id", "eos_token_id", "unknown_token_id", "seperator_token_id", "padding_token_id"];
        for (int at = 0; at < keys.Length; at++)
        {
            ids[at] = ids[at] < vocabulary.Count ? ids[at] : -1;
            if (file.Integer(Prefix + keys[at]) is long named && named >= 0 && named < vocabulary.Count)
            {
                ids[at] = (int)named;
            }
        }

        bool pairs = kind == LlamaVocabularyKind.BytePairs;
        bool addBos = file.Flag(Prefix + "add_bos_token") ?? (pairs ? preTokenizer.AddBos : kind is LlamaVocabularyKind.SentencePieces or LlamaVocabularyKind.WordPieces);
        return new LlamaSettings
        {
            Bos = ids[0],
            Eos = ids[1],
            Unknown = ids[2],
            Separator = ids[3],
            Padding = ids[4],

            // Gemma 4 is never without
            AddBos = addBos || (pairs && preTokenizer == LlamaPreTokenizer.Find("gemma4")),
            AddEos = file.Flag(Prefix + "add_eos_token") ?? kind == LlamaVocabularyKind.Unigrams,
            AddSpacePrefix = file.Flag(Prefix + "add_space_prefix") ?? kind == LlamaVocabularyKind.SentencePieces,
            CleanSpaces = pairs ? preTokenizer.CleanSpaces : kind == LlamaVocabularyKind.WordPieces,
        };
    }

    /// <summary>Tokens that are special by their text, as llama.cpp finds them.</summary>
    /// <returns>The ids that end what a model generates.</returns>
    private static List<int> MarkSpecials(GgufMetadata file, LlamaVocabulary vocabulary, LlamaSettings settings)
    {
        SortedSet<int> ends = [];
        foreach ((string[] keys, string[] tokens, bool endsText) in MiddleTokens)
        {
            int named = keys.Select(key => (int)Math.Min(file.Integer(Prefix + key) ?? -1, int.MaxValue)).LastOrDefault(id => id >= 0 && id < vocabulary.Count, -1);
            int found = named >= 0 ? named : tokens.Select(Find).Where(id => id >= 0).Order().FirstOrDefault(-1);
            if (found >= 0 && named < 0)
            {
                vocabulary.Attributes[found] |= TokenAttributes.Control;
            }

            if (found >= 0 && endsText)
            {
                ends.Add(found);
            }
        }

        foreach (int id in EndTokens.Select(Find).Where(id => id >= 0))
        {
            ends.Add(id);
            vocabulary.Attributes[id] |= TokenAttributes.Control;
        }

        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Is(id, TokenAttributes.Control) && vocabulary.Texts[id].AsSpan().IndexOf("unused"u8) >= 0)
            {
                vocabulary.Attributes[id] |= TokenAttributes.Unused;
            }
        }

        // gpt-oss: its channels are always shown
        foreach (int id in new[] { "<|channel|>", "<|message|>", "<|start|>", "<|constrain|>" }.Select(Find).Where(id => id >= 0))
        {
            vocabulary.Attributes[id] = TokenAttributes.UserDefined;
        }

        foreach (string key in (string[])["eot_token_id", "eom_token_id"])
        {
            if (file.Integer(Prefix + key) is long id && id >= 0 && id < vocabulary.Count)
            {
                ends.Add((int)id);
            }
        }

        if (settings.Eos >= 0)
        {
            ends.Add(settings.Eos);
        }

        int end = Find("<|end|>");
        if (Ends("<|end|>") && ((Ends("<|return|>") && (Ends("<|call|>") || Ends("<|calls|>"))) || ((Ends("<|call|>") || Ends("<|calls|>")) && Ends("<|flush|>"))))
        {
            ends.Remove(end);
            vocabulary.Attributes[end] = TokenAttributes.UserDefined;
        }

        if (Ends("<|tool_response>") && Ends("</s>"))
        {
            ends.Remove(Find("</s>"));
            vocabulary.Attributes[Find("</s>")] = TokenAttributes.Normal;
        }

        return [.. ends];

        int Find(string token) => vocabulary.Find(Encoding.UTF8.GetBytes(token));

        bool Ends(string token) => Find(token) is int id and >= 0 && ends.Contains(id);
    }

    /// <summary>Which special tokens take white space along: no file says so, llama.cpp goes by names.</summary>
    private static void MarkStripping(GgufMetadata file, LlamaVocabulary vocabulary, IReadOnlyList<int> specials)
    {
        string model = (file.Text("general.name") ?? "").ToLowerInvariant();
        string preTokenizer = file.Text(Prefix + "pre") ?? "";
        string architecture = file.Text("general.architecture") ?? "";
        if (preTokenizer.Contains("jina-v2-de", StringComparison.Ordinal) || preTokenizer.Contains("jina-v2-es", StringComparison.Ordinal) || preTokenizer.Contains("jina-v2-code", StringComparison.Ordinal)
            || architecture.Contains("nomic-bert-moe", StringComparison.Ordinal) || architecture.Contains("jina-bert-v3", StringComparison.Ordinal))
        {
            Mark("<mask>"u8, TokenAttributes.LStrip);
        }
        else if (model.Contains("phi-3", StringComparison.Ordinal) || model.Contains("phi3", StringComparison.Ordinal))
        {
            foreach (int id in specials)
            {
                vocabulary.Attributes[id] |= TokenAttributes.RStrip;
            }

            Mark("</s>"u8, TokenAttributes.RStrip);
            Clear("<unk>"u8);
            Clear("<s>"u8);
            Clear("<|endoftext|>"u8);
        }
        else if (model.Contains("modern-bert", StringComparison.Ordinal))
        {
            Mark("[MASK]"u8, TokenAttributes.LStrip);
        }

        void Mark(ReadOnlySpan<byte> token, TokenAttributes attribute)
        {
            if (vocabulary.Find(token) is int id and >= 0)
            {
                vocabulary.Attributes[id] |= attribute;
            }
        }

        void Clear(ReadOnlySpan<byte> token)
        {
            if (vocabulary.Find(token) is int id and >= 0)
            {
                vocabulary.Attributes[id] &= ~TokenAttributes.RStrip;
            }
        }
    }

    /// <summary>The text of a token.</summary>
    private static byte[] Piece(LlamaVocabulary vocabulary, int id, LlamaVocabularyKind kind, LlamaPreTokenizer preTokenizer)
    {
        byte[] text = vocabulary.Texts[id];
        if (kind == LlamaVocabularyKind.Rwkv)
        {
            return LlamaRwkv.Unescape(text);
        }

        if (kind == LlamaVocabularyKind.Plamo)
        {
            return vocabulary.Is(id, TokenAttributes.Byte) && ByteOf(text) is byte plamo ? [plamo] : text;
        }

        if (vocabulary.Is(id, TokenAttributes.Unknown | TokenAttributes.Control | TokenAttributes.UserDefined))
        {
            return text;
        }

        if (vocabulary.Is(id, TokenAttributes.Normal))
        {
            return kind == LlamaVocabularyKind.BytePairs && !preTokenizer.EscapeWhiteSpace ? ReadByteLevel(text) : Unescape(text);
        }

        return vocabulary.Is(id, TokenAttributes.Byte) ? [ByteOf(text) ?? 0] : [];
    }

    private static byte? ByteOf(ReadOnlySpan<byte> token) =>
        token.Length == 6 && token.StartsWith("<0x"u8) && byte.TryParse(token[3..5], System.Globalization.NumberStyles.HexNumber, null, out byte value) ? value : null;

    private static byte[] Unescape(ReadOnlySpan<byte> token)
    {
        List<byte> text = new(token.Length);
        while (!token.IsEmpty)
        {
            bool space = token.StartsWith("▁"u8);
            text.Add(space ? (byte)' ' : token[0]);
            token = token[(space ? 3 : 1)..];
        }

        return [.. text];
    }

    /// <summary>The bytes of a token in the byte-level alphabet; a character outside of it is shown as llama.cpp shows it.</summary>
    private static byte[] ReadByteLevel(byte[] token)
    {
        if (BytePairs.ByteAlphabet.Read(Encoding.UTF8.GetString(token)) is byte[] bytes)
        {
            return bytes;
        }

        List<byte> text = [];
        foreach (Rune rune in Encoding.UTF8.GetString(token).EnumerateRunes())
        {
            text.AddRange(BytePairs.ByteAlphabet.Read(rune.ToString())
                ?? [.. Encoding.ASCII.GetBytes($"[UNK_BYTE_0x{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(rune.ToString()))}"), .. token, (byte)']']);
        }

        return [.. text];
    }

    private static AthanorException Fault(GgufMetadata file, string fault, Exception? inner = null) =>
        new($"{file.Name} {fault}", "use a GGUF file with a whole vocabulary of a kind that llama.cpp reads", inner);
}
