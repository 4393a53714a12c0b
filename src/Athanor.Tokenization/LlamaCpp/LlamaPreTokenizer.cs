using static Athanor.Tokenization.LlamaCpp.SplitSteps;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>What <c>tokenizer.ggml.pre</c> names: how llama.cpp cuts a text before byte-pair encoding, and what else the name decides.</summary>
/// <param name="Steps">The cuts, each within the words of the one before it.</param>
/// <param name="IgnoreMerges">A word that is a token is that token.</param>
/// <param name="AddBos">The beginning of a text is marked, unless the file says otherwise.</param>
/// <param name="HasBos">There is a token for the beginning even where the file names none (11).</param>
/// <param name="CleanSpaces">Decoding takes away the space before punctuation marks and contractions.</param>
/// <param name="EscapeWhiteSpace">A space is written <c>▁</c>.</param>
/// <param name="ByteLevel">Tokens are written in the byte-level alphabet; otherwise as they are, with <c>&lt;0x0A&gt;</c> for bytes.</param>
internal sealed record LlamaPreTokenizer(
    IReadOnlyList<ISplitStep> Steps, bool IgnoreMerges = false, bool AddBos = false, bool HasBos = true, bool CleanSpaces = true, bool EscapeWhiteSpace = false, bool ByteLevel = true)
{
    private static readonly Dictionary<string, LlamaPreTokenizer> Named = Build();

    /// <summary>The names that are known.</summary>
    public static IReadOnlyCollection<string> Names => Named.Keys;

    /// <summary>Finds one by its name; an empty name is the default one.</summary>
    public static LlamaPreTokenizer? Find(string name) => Named.GetValueOrDefault(name.Length == 0 ? "default" : name);

    private static Dictionary<string, LlamaPreTokenizer> Build()
    {
        Dictionary<string, LlamaPreTokenizer> named = [];
        Add(new([PunctuationOfDefault, Gpt, Numbers, ThreeDigits]), "default");
        Add(new([Llama3], IgnoreMerges: true, AddBos: true), "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
        Add(new([Llama3]), "dbrx", "smaug-bpe");
        Add(new([Llama3], HasBos: false), "glm4", "chatglm-bpe");
        Add(new([Jais2]), "jais-2");
        Add(new([NumbersOfThree, MiniCpm], IgnoreMerges: true), "minicpm5");
        Add(new([LineEnd, DeepSeekLetters, DeepSeekPunctuation, WhiteSpaceAtEnd, Cjk, Numbers], CleanSpaces: false), "deepseek-llm");
        Add(new([LineEnd, SpacedLetters, SpacedPunctuation, Cjk, Digit], CleanSpaces: false), "deepseek-coder");
        Add(new([NumbersOfThree, Kana, DeepSeek3], CleanSpaces: false), "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4");
        Add(new([NumbersOfThree, Kana, Spark, Digit], CleanSpaces: false), "spark2_5");
        Add(new([YoutuScripts, Youtu], IgnoreMerges: true, CleanSpaces: false), "youtu");
        Add(new([PunctuationOfFalcon, Gpt, ThreeDigits]), "falcon");
        Add(new([Digit, Gpt]), "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2");
        Add(new([Digit, Gpt], CleanSpaces: false), "command-r", "smollm");
        Add(new([Gpt]), "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais", "exaone4", "jina-v1-en", "jina-v2-code",
            "roberta-bpe");
        Add(new([Gpt], CleanSpaces: false), "trillion", "granite-docling");
        Add(new([Qwen2]), "stablelm2", "megrez");
        Add(new([Qwen2], CleanSpaces: false), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "hunyuan", "solar-open", "grok-2");
        Add(new([Qwen35], CleanSpaces: false), "qwen35");
        Add(new([Bloom]), "bloom", "gpt3-finnish");
        Add(new([Bloom], CleanSpaces: false), "poro-chat");
        Add(new([Bloom, Digit], CleanSpaces: false), "viking");
        Add(new([Tekken], IgnoreMerges: true, AddBos: true, CleanSpaces: false), "tekken");
        Add(new([Sentinel, Image, Indent, Digit, PunctuationOfChameleon, Gpt], AddBos: true, CleanSpaces: false), "chameleon");
        Add(new([Gpt4o], CleanSpaces: false), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        Add(new([Granite], IgnoreMerges: true, CleanSpaces: false), "granite-embed-multi-97m");
        Add(new([NumberGroups, TinyAya], CleanSpaces: false), "tiny_aya", "cohere2moe");
        Add(new([Kimi], CleanSpaces: false), "kimi-k2");
        Add(new([Numbers, NumberThousands], CleanSpaces: false), "superbpe");
        Add(new([BailingMoe], CleanSpaces: false), "bailingmoe", "bailingmoe2", "llada-moe");
        Add(new([SeedCoder], CleanSpaces: false), "seed-coder");
        Add(new([UfakZeka], CleanSpaces: false), "ufakzeka");
        Add(new([NumberGroups, AsianScripts, Afmoe], CleanSpaces: false), "afmoe");
        Add(new([Feeds, Qwen2], CleanSpaces: false), "laguna");
        Add(new([ExaoneMoe]), "exaone-moe");
        Add(new([Feeds], EscapeWhiteSpace: true, ByteLevel: false), "gemma4", "granite-embed-multi-311m");
        Add(new([Feeds], CleanSpaces: false, EscapeWhiteSpace: true, ByteLevel: false), "sarvam-moe");
        Add(new([BlackSpace], ByteLevel: false), "whitespace");
        return named;

        void Add(LlamaPreTokenizer preTokenizer, params string[] names)
        {
            foreach (string name in names)
            {
                named.Add(name, preTokenizer);
            }
        }
    }
}
