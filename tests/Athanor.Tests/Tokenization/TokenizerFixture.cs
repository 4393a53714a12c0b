using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Training;

namespace Athanor.Tests.Tokenization;

/// <summary>A small tokenizer and the texts it learnt from, made once.</summary>
internal static class TokenizerFixture
{
    public static IReadOnlyList<string> Texts { get; } = MakeTexts();

    public static Tokenizer Tokenizer { get; } = BytePairTrainer.Train(Texts, 700, ChatTemplate.SpecialTokens, wholeNumbers: 99);

    /// <summary>Strings that break tokenizers.</summary>
    public static IReadOnlyList<string> HardStrings { get; } =
    [
        "", " ", "\n", "a", "  leading and trailing  ", "tabs\tand\r\nline ends\n\n\n", "Don't you'll I'VE we'Re it'ſ",
        "7 + 8 - 3 + 99 = ? 100 1000 007", "naïve café — 3 €", "Zwölf Boxkämpfer", "数据和模型", "ひらがな カタカナ", "한국어", "עברית", "العربية ٣٤٥",
        "🙂👩‍👧‍👦🏳️‍🌈", "e\u0301\u0301\u0301", "𝐀𝟘𐍈", "\uFEFFbom", "\u00A0\u2003\u3000", "a\0b", "<|endoftext|> <|end|><|user|>", "<|assistant|", "<<|end|>>",
        new string('=', 200), new string(' ', 150) + "x", "https://example.org/a?b=c&d=%20#e", "List<Dictionary<string, int?>> x = new();", "\uFFFD\uFFFE",
    ];

    private static List<string> MakeTexts()
    {
        string[] words = ["the", "collection", "specified", "value", "returns", "List", "Dictionary", "null", "string", "naïve", "Größe", "数据", "exception", "thrown", "when", "is", "a", "an", "of", "to"];
        List<string> texts = [];
        for (int index = 0; index < 300; index++)
        {
            RandomStream random = new RandomStreams(5).Open("fixture", index);
            StringBuilder text = new();
            for (int at = 0; at < 40; at++)
            {
                text.Append(words[Math.Min(random.NextInt32(words.Length), random.NextInt32(words.Length))]);
                text.Append(random.NextInt32(8) switch { 0 => ".\n", 1 => ", ", 2 => $" {random.NextInt32(100)} + {random.NextInt32(10)} ", _ => " " });
            }

            texts.Add(text.ToString());
        }

        texts.Add(new string('-', 90));
        return texts;
    }
}
