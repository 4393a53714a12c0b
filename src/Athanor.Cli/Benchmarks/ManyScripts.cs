using System.Text;
using Athanor.Core.Randomness;

namespace Athanor.Cli.Benchmarks;

/// <summary>
/// Synthetic text in many scripts: for each a lexicon of made-up words, drawn by Zipf's law into sentences with the script's own punctuation, numbers, and now and then an
/// emoji. It looks to a tokenizer as the script does; it means nothing.
/// </summary>
internal static class ManyScripts
{
    private const int LexiconWords = 20_000;
    private const int PassageBytes = 2_000;

    private static readonly Script[] Scripts =
    [
        new("latin", "aeiouyáéíóúâêôãõäöüåæøàèçñšžčćłńśřěůőűğıșțđ", "bcdfghjklmnpqrstvwz", 2, 11, " ", ". ", ", "),
        new("vietnamese", "aăâeêioôơuưyạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "bcdđghklmnpqrstvx", 2, 6, " ", ". ", ", "),
        new("greek", "αεηιοωυάέήίόύώ", "βγδζθκλμνξπρσςτφχψ", 2, 11, " ", ". ", ", "),
        new("cyrillic", "аеёиоуыэюяіїє", "бвгджзйклмнпрстфхцчшщьъґ", 2, 12, " ", ". ", ", "),
        new("armenian", "աեէըիոօու", "բգդզթժլխծկհձղճմյնշչպջռսվտրցփքֆ", 2, 10, " ", "։ ", ", "),
        new("hebrew", "אבגדהוזחטי", "כלמנסעפצקרשתךםןףץ", 2, 7, " ", ". ", ", "),
        new("arabic", "ابتثجحخدذرزسش", "صضطظعغفقكلمنهويةىءأإآپچگی", 2, 8, " ", "۔ ", "، "),
        new("devanagari", "ािीुूेैोौं्", "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह", 2, 9, " ", "। ", ", "),
        new("bengali", "ািীুূেৈোৌং্", "কখগঘঙচছজঝটঠডঢণতথদধনপফবভমযরলশষসহ", 2, 9, " ", "। ", ", "),
        new("tamil", "ாிீுூெேைொோௌ்", "கஙசஞடணதநபமயரலவழளறன", 3, 11, " ", ". ", ", "),
        new("thai", "ะาิีึืุูเแโใไัํ็่้", "กขคงจฉชซญดตถทธนบปผฝพฟมยรลวศสหอ", 3, 9, "", " ", " "),
        new("georgian", "აეიოუ", "ბგდვზთკლმნპჟრსტფქღყშჩცძწჭხჯჰ", 3, 12, " ", ". ", ", "),
        new("hangul", "", "가각간갈감강개거건걸것게경계고공과관구국군권그기김나남내너년노는능다단당대더데도동되된드들등디라러력로록르를리마만말면명모문물미민바반방번법보부분비사상생서선성세소속수스시식신실아안야양어업에여연영오와요용우원위유으은을음의이인일임있자작장적전정제조주중지진차천체초치크타터통트파평포표프하학한할함합해했행현형호화회후", 2, 5, " ", ". ", ", "),
        new("japanese", "のにはをたがでてとしれさいるなりもあこらかまうくつえきおけすよわせめそちひみやゆろ", "日本人大年会国中出時行事社見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンー", 2, 6, "", "。", "、"),
        new("chinese", "", "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运", 1, 3, "", "。", "，"),
    ];

    private static readonly string[] Emoji = ["😀", "🎉", "👍🏽", "❤️", "👩‍💻", "🇩🇪", "🚀", "🤖"];

    /// <summary>About this many bytes of text.</summary>
    public static string Text(int bytes, RandomStreams streams)
    {
        string[][] lexicons = [.. Scripts.Select((script, index) => Lexicon(script, streams.Open("bench/tokenizer/lexicon", index)))];
        RandomStream random = streams.Open("bench/tokenizer/scripts");
        StringBuilder text = new();
        for (int written = 0; written < bytes;)
        {
            int script = random.NextInt32(Scripts.Length);
            string passage = Passage(Scripts[script], lexicons[script], random);
            text.Append(passage);
            written += Encoding.UTF8.GetByteCount(passage);
        }

        return text.ToString();
    }

    private static string[] Lexicon(Script script, RandomStream random)
    {
        string[] words = new string[LexiconWords];
        StringBuilder word = new();
        for (int at = 0; at < words.Length; at++)
        {
            word.Clear();
            for (int letter = random.NextInt32(script.Shortest, script.Longest + 1); letter > 0; letter--)
            {
                // Frequent letters come first, as in a language
                string letters = script.Vowels.Length == 0 || letter % 2 == 1 ? script.Consonants : script.Vowels;
                word.Append(letters[(int)(letters.Length * Math.Pow(random.NextDouble(), 1.5))]);
            }

            words[at] = word.ToString();
        }

        return words;
    }

    private static string Passage(Script script, string[] lexicon, RandomStream random)
    {
        StringBuilder text = new();
        while (text.Length < PassageBytes / 2)
        {
            int words = random.NextInt32(4, 20);
            for (int at = 0; at < words; at++)
            {
                // Zipf's law: the rank is exponential in a uniform number
                string word = lexicon[(int)Math.Pow(lexicon.Length, random.NextDouble()) - 1];
                text.Append(at == 0 ? char.ToUpperInvariant(word[0]) : word[0]).Append(word, 1, word.Length - 1);
                int kind = random.NextInt32(100);
                text.Append(at == words - 1 ? script.Stop : kind < 8 ? script.Comma : script.Space);
                if (kind == 99)
                {
                    text.Append(random.NextInt32(5000)).Append(script.Space);
                }
            }

            switch (random.NextInt32(20))
            {
                case 0:
                    text.Append(Emoji[random.NextInt32(Emoji.Length)]).Append(' ');
                    break;
                case 1:
                    text.Append('\n');
                    break;
            }
        }

        return text.Append("\n\n").ToString();
    }

    /// <summary>A script.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Vowels">Vowels or marks, which stand at every other place; empty where words are of one kind of letter.</param>
    /// <param name="Consonants">The other letters.</param>
    /// <param name="Shortest">Letters of the shortest word.</param>
    /// <param name="Longest">Letters of the longest.</param>
    /// <param name="Space">What stands between words.</param>
    /// <param name="Stop">What ends a sentence.</param>
    /// <param name="Comma">What divides one.</param>
    private sealed record Script(string Name, string Vowels, string Consonants, int Shortest, int Longest, string Space, string Stop, string Comma);
}
