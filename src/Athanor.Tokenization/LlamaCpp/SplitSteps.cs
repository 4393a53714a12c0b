namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// The steps that pre-tokenizers of llama.cpp are made of. The expressions are those of the models' own tokenizers as llama.cpp adapted them; where it splits by
/// hand, so do we.
/// </summary>
internal static class SplitSteps
{
    public static readonly ISplitStep Gpt = new GptWords();
    public static readonly ISplitStep Llama3 = new LlamaWords(digits: 3, marks: false);
    public static readonly ISplitStep Qwen2 = new LlamaWords(digits: 1, marks: false);
    public static readonly ISplitStep Qwen35 = new LlamaWords(digits: 1, marks: true);
    public static readonly ISplitStep Kimi = new KimiWords();
    public static readonly ISplitStep NumberGroups = new DigitGroups();
    public static readonly ISplitStep NumberThousands = new Thousands();
    public static readonly ISplitStep Feeds = new LineFeeds();

    public static readonly ISplitStep Digit = new ExpressionStep(@"\p{N}");
    public static readonly ISplitStep Numbers = new ExpressionStep(@"\p{N}+");
    public static readonly ISplitStep NumbersOfThree = new ExpressionStep(@"\p{N}{1,3}");
    public static readonly ISplitStep ThreeDigits = new ExpressionStep("[0-9][0-9][0-9]");
    public static readonly ISplitStep LineEnd = new ExpressionStep(@"[\r\n]");
    public static readonly ISplitStep WhiteSpaceAtEnd = new ExpressionStep(@"\s+\z");
    public static readonly ISplitStep BlackSpace = new ExpressionStep(@"\S+");
    public static readonly ISplitStep SpacedLetters = new ExpressionStep(@"\s?\p{L}+");
    public static readonly ISplitStep SpacedPunctuation = new ExpressionStep(@"\s?\p{P}+");
    public static readonly ISplitStep PunctuationOfDefault = new ExpressionStep(@"[\p{P}\$\+<=>\^~\|]+");
    public static readonly ISplitStep PunctuationOfFalcon = new ExpressionStep(@"[\p{P}\$\+<=>\^~\|`]+");
    public static readonly ISplitStep PunctuationOfChameleon = new ExpressionStep(@"[\p{P}!-/:-@\[-`{-~]");
    public static readonly ISplitStep Sentinel = new ExpressionStep("<sentinel:[0-9]+>");
    public static readonly ISplitStep Image = new ExpressionStep("IMGIMG[A-I]{1,4}Z");
    public static readonly ISplitStep Indent = new ExpressionStep(@"[\t\n]|    |  ");

    public static readonly ISplitStep Bloom = new ExpressionStep(@" ?[^(\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+");
    public static readonly ISplitStep Cjk = new ExpressionStep(@"[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+");
    public static readonly ISplitStep Kana = new ExpressionStep(@"[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+");
    public static readonly ISplitStep YoutuScripts = new ExpressionStep(@"[\uAC00-\uD7A3\u3131-\u318E]+|[\uFF01\u2026\u201C\u201D\u2018\u2019\u2014\uFF1A\uFF1B\uFF0C\u3001-\u303F\uFE30-\uFE4F]+|[\u3105-\u312F]+|[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+");
    public static readonly ISplitStep AsianScripts = new ExpressionStep(
        @"[\u4E00-\u9FFF\u3400-\u4DBF\u8C48-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF\u0E40-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF\u1100-\u11FF]+");

    public static readonly ISplitStep DeepSeekPunctuation = new ExpressionStep(@"\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+");
    public static readonly ISplitStep DeepSeekLetters = new ExpressionStep(
        @"\s?[" +
        @"A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388" +
        @"-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF" +
        @"\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80" +
        @"-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113" +
        @"\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB" +
        @"-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41" +
        @"-\uFF5A" +
        "]+",
        0x10400, 0x1044F, 0x104B0, 0x104D3, 0x104D8, 0x104FB, 0x10C80, 0x10CB2, 0x10CC0, 0x10CF2, 0x118A0, 0x118DF, 0x1E900, 0x1E943);

    public static readonly ISplitStep DeepSeek3 = new ExpressionStep(AsciiPunctuation + @"[A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|" + Lines + Spaces);
    public static readonly ISplitStep Afmoe = DeepSeek3;
    public static readonly ISplitStep Spark = new ExpressionStep(AsciiPunctuation + @"[A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+|[\r\n]|" + Spaces);
    public static readonly ISplitStep Jais2 = new ExpressionStep(
        Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Lines
        + @"\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}");

    public static readonly ISplitStep MiniCpm = new ExpressionStep(Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Lines + Spaces);
    public static readonly ISplitStep SeedCoder = new ExpressionStep(Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + Lines + Spaces);
    public static readonly ISplitStep UfakZeka = new ExpressionStep(@"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Lines + Spaces);
    public static readonly ISplitStep BailingMoe = new ExpressionStep(
        @"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|" + Spaces);

    public static readonly ISplitStep ExaoneMoe = new ExpressionStep(
        Contraction + @"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|" + Spaces);

    public static readonly ISplitStep Tekken = new ExpressionStep(
        Lead + Upper + "*" + Lower + "+|" + Lead + Upper + "+" + Lower + @"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Lines + Spaces);

    public static readonly ISplitStep Gpt4o = new ExpressionStep(
        Lead + Upper + "*" + Lower + "+" + Contraction + "?|" + Lead + Upper + "+" + Lower + "*" + Contraction + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Lines + Spaces);

    public static readonly ISplitStep Granite = new ExpressionStep(
        Lead + UpperOrMark + "*" + LowerOrMark + "+" + Contraction + "?|" + Lead + UpperOrMark + "+" + LowerOrMark + "*" + Contraction
        + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Lines + Spaces);

    public static readonly ISplitStep TinyAya = new ExpressionStep(Cased + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Lines + Spaces);
    public static readonly ISplitStep Youtu = new ExpressionStep(Cased + @"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Lines + Spaces);

    private const string Contraction = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private const string Lines = @"\s*[\r\n]+|";
    private const string Spaces = @"\s+(?!\S)|\s+";
    private const string AsciiPunctuation = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]";

    // All letters but small (capital) ones of ASCII: letters have no case in the text that the expression runs on
    private const string Lead = @"[^\r\n\p{L}\p{N}]?";
    private const string Upper = @"(?:(?=[\p{L}])[^a-z])";
    private const string Lower = @"(?:(?=[\p{L}])[^A-Z])";
    private const string UpperOrMark = @"(?:(?=[\p{L}\p{M}])[^a-z])";
    private const string LowerOrMark = @"(?:(?=[\p{L}\p{M}])[^A-Z])";
    private const string Cased = Lead + @"[\p{L}\p{M}]*[\p{L}\p{M}]+" + Contraction + "?|" + Lead + @"[\p{L}\p{M}]+[\p{L}\p{M}]*" + Contraction + "?|";
}
