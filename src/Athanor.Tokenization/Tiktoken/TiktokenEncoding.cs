using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Tiktoken;

/// <summary>What belongs to a rank file beside the ranks, and stands in tiktoken's code: the expression that cuts words, and the special tokens.</summary>
/// <param name="Name">tiktoken's name for it.</param>
/// <param name="Expression">Cuts words.</param>
/// <param name="SpecialTokens">The special tokens with their ids.</param>
/// <param name="RankCount">How many ranks the encoding has; ranks of a file beyond are not its own (r50k_base in the file of p50k_base). Null: all.</param>
internal sealed record TiktokenEncoding(string Name, string Expression, IReadOnlyList<KeyValuePair<string, int>> SpecialTokens, int? RankCount = null)
{
    /// <summary>The encodings that are known.</summary>
    public static readonly IReadOnlyList<TiktokenEncoding> Known =
    [
        new("gpt2", Gpt2Pattern.Expression, [new("<|endoftext|>", 50256)], 50256),
        new("r50k_base", Gpt2Pattern.Expression, [new("<|endoftext|>", 50256)], 50256),
        new("p50k_base", Gpt2Pattern.Expression, [new("<|endoftext|>", 50256)]),
        new("p50k_edit", Gpt2Pattern.Expression, [new("<|endoftext|>", 50256), new("<|fim_prefix|>", 50281), new("<|fim_middle|>", 50282), new("<|fim_suffix|>", 50283)]),
        new(
            "cl100k_base",
            Cl100kPattern.Expression,
            [
                new("<|endoftext|>", 100257), new("<|fim_prefix|>", 100258), new("<|fim_middle|>", 100259), new("<|fim_suffix|>", 100260), new("<|endofprompt|>", 100276),
            ]),
        new("o200k_base", O200kPattern.Expression, [new("<|endoftext|>", 199999), new("<|endofprompt|>", 200018)]),
        new("o200k_harmony", O200kPattern.Expression, Harmony()),
    ];

    /// <summary>Finds an encoding by its name.</summary>
    public static TiktokenEncoding? Find(string name) => Known.FirstOrDefault(encoding => encoding.Name == name);

    /// <summary>Finds out whose ranks a file has: by its name, or else by their number.</summary>
    public static TiktokenEncoding? Of(string path, TiktokenRanks ranks) => Find(Path.GetFileNameWithoutExtension(path)) ?? ranks.Limit switch
    {
        50256 => Find("r50k_base"),
        50281 => Find("p50k_base"),
        100256 => Find("cl100k_base"),
        199998 => Find("o200k_base"),
        _ => null,
    };

    private static KeyValuePair<string, int>[] Harmony()
    {
        SortedDictionary<int, string> tokens = [];
        for (int id = 200000; id < 201088; id++)
        {
            tokens[id] = $"<|reserved_{id}|>";
        }

        (string Token, int Id)[] named =
        [
            ("<|startoftext|>", 199998), ("<|endoftext|>", 199999), ("<|return|>", 200002), ("<|constrain|>", 200003), ("<|channel|>", 200005), ("<|start|>", 200006), ("<|end|>", 200007),
            ("<|message|>", 200008), ("<|call|>", 200012), ("<|endofprompt|>", 200018),
        ];
        foreach ((string token, int id) in named)
        {
            tokens[id] = token;
        }

        return [.. tokens.Select(entry => KeyValuePair.Create(entry.Value, entry.Key))];
    }
}
