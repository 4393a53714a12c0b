namespace Athanor.Tokenization.Conversion;

/// <summary>Strings on which tokenizers that seem alike differ: white space, marks, case, digits, scripts, what looks like a special token, characters beyond plane 0.</summary>
internal static class HardStrings
{
    public static readonly IReadOnlyList<string> All =
    [
        "", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n ", "\t\t  \n", "a", " a", "a ", "  a  b  ", "a\u00A0b", "a\u2003b\u3000c", "a\u0085b", "a\u200Bb\u200Dc\uFEFFd", "\u1680", "\u2028x\u2029y",
        "Hello, world!", "Hello  world", " Hello", "hello\nworld\n", "a\r\nb\rc\n", "line one\n\n\n  line two\t\ttab", "The quick brown fox jumps over the lazy dog.",
        "don't I'll you're we've he'd it's I'm", "DON'T I'LL YOU'RE WE'VE HE'D IT'S I'M", "'s 't 're", "o'clock rock'n'roll ''quoted''", "’s don’t", "'ſ",
        "0", "12", "123", "1234", "12345", "1234567", "3.14159", "1,000,000", "2024-11-24T18:00:00Z", "٠١٢٣", "१२३४", "½ ² Ⅷ ㊿", "x2y3", "1a2b",
        "camelCase PascalCase snake_case SCREAMING_CASE kebab-case", "HTTPServer", "iPhone", "ÀÉÎõü", "ǅ Ǆ ǆ", "straße STRASSE", "İstanbul ıI",
        "!?.,;:-–—…", "...", "!!!???", "(a)[b]{c}<d>", "a/b\\c|d", "$100 €50 £20 100%", "#tag @user", "a+b=c", "x^2 ~ y", "`code`", "“quoted” ‘single’ «guillemets»", "...\n", "?!\r\n", "a , b . c ! d ? e 's f",
        "for (int i = 0; i < 10; i++) { x[i] += 1; }\n", "    indented\n\tcode\n        deep", "def f(x):\n    return x**2  # note", "<a href=\"x\">y</a>", "{\"key\": [1, 2.5, null]}", "https://example.com/a?b=c&d=e#f",
        "résumé", "re\u0301sume\u0301", "e\u0301e\u0302\u0323", "\u0301", "a\u0300\u0301\u0302\u0303", "Å Å", "ﬁ ﬂ ﬀ", "ＡＢＣ１２３", "ｱｲｳ", "㍿", "™ ℃ №",
        "Привет, мир!", "Γειά σου Κόσμε ς", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดีชาวโลก", "こんにちは世界", "カタカナ・ひらがな", "你好，世界！", "中文abc中文", "한국어 텍스트", "각", "ខ្មែរ", "မြန်မာ", "ქართული", "አማርኛ",
        "😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "a😀b", "𝐀𝐁𝐂", "𐐀𐐨", "𠀀𪛖", "\U000E0041", "\uE000", "\uFFFD", "\0", "a\u0001b\u007F",
        "▁", "▁▁", "a▁b", " ▁ a", "<s>", "</s>", "<unk>", "<pad>", "[CLS] a [SEP]", "<|endoftext|>", "a<|im_start|>b", "<0x0A>", "Ġa", "##a",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abababababababab", "                                ", "\n\n\n\n\n\n\n\n", "--------------------------------", "1111111111111111", "ああああああああ",
    ];
}
