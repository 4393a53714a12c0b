using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Athanor.Tokenization;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Tiktoken;

namespace Athanor.Conformance.Tokenizers;

/// <summary>A rank file of tiktoken, or the one in a data package, with the expression and the special tokens of the case.</summary>
public sealed class TiktokenRanksKind : IConformanceKind
{
    public string Kind => "tiktoken-ranks";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase files = new(reference);
        JsonObject parameters = files.Parameters;
        TiktokenRanks ranks = files.Has("ranks") ? TiktokenFile.Open(files.Unpack("ranks")) : TiktokenFile.Read(Packaged(parameters["package"]!), reference.Name);
        TiktokenEncoding encoding = new(
            reference.Name,
            parameters["pattern"]!.GetValue<string>(),
            [.. parameters["special"]!.AsObject().Select(special => KeyValuePair.Create(special.Key, special.Value!.GetValue<int>()))],
            parameters["rank_limit"]?.GetValue<int>());
        Tokenizer tokenizer = new(TiktokenPipeline.Of(ranks, encoding, Normalizer(parameters["normalization"]?.GetValue<string>())));
        files.Answer(results, "encode", row => Encode(tokenizer, files.TextOf(row), row), "s", "text");
        files.Answer(results, "decode", row => Decode(tokenizer, row), "ids");
    }

    private static JsonObject Encode(Tokenizer tokenizer, string text, JsonObject row)
    {
        int[] ordinary = Ids(tokenizer, text, withSpecial: false);
        if (row.ContainsKey("ids_runs"))
        {
            return new JsonObject { ["ids_runs"] = TokenizerCase.Runs(ordinary) };
        }

        JsonObject answer = new() { ["ordinary"] = TokenizerCase.Numbers(ordinary) };
        int[] allowed = Ids(tokenizer, text, withSpecial: true);
        if (!allowed.AsSpan().SequenceEqual(ordinary))
        {
            answer["allowed"] = TokenizerCase.Numbers(allowed);
        }

        return answer;
    }

    private static JsonObject Decode(Tokenizer tokenizer, JsonObject row)
    {
        List<byte> bytes = [];
        foreach (int id in TokenizerCase.Ids(row["ids"]!))
        {
            bytes.AddRange(tokenizer.BytesOf(id));
        }

        return new JsonObject { ["bytes"] = Convert.ToHexStringLower(bytes.ToArray()) };
    }

    private static int[] Ids(Tokenizer tokenizer, string text, bool withSpecial)
    {
        int[] ids = withSpecial ? tokenizer.EncodeWithSpecialTokens(text) : tokenizer.Encode(text);
        if (withSpecial && text.Length <= 1500 && !ids.SequenceEqual(tokenizer.EncodeText(text, addSpecialTokens: false).Ids))
        {
            throw new InvalidDataException("the fast encoder gives other ids than the model");
        }

        return ids;
    }

    private static UnicodeNormalizer? Normalizer(string? form) => form?.ToUpperInvariant() switch
    {
        null => null,
        "NFC" => new UnicodeNormalizer(NormalizationForm.FormC),
        "NFD" => new UnicodeNormalizer(NormalizationForm.FormD),
        "NFKC" => new UnicodeNormalizer(NormalizationForm.FormKC),
        "NFKD" => new UnicodeNormalizer(NormalizationForm.FormKD),
        _ => throw new InvalidDataException($"unknown normalization {form}"),
    };

    /// <summary>The ranks in a data package of Microsoft.ML.Tokenizers, as a rank file: there a line has no rank, its place is, and the first tells how many there are.</summary>
    private static byte[] Packaged(JsonNode package)
    {
        Assembly assembly = Assembly.Load(package["nuget"]!.GetValue<string>());
        string encoding = package["encoding"]!.GetValue<string>();
        string resource = assembly.GetManifestResourceNames().Single(resource => resource.Contains(encoding, StringComparison.Ordinal));
        using Stream packed = assembly.GetManifestResourceStream(resource)!;
        using StreamReader lines = new(new DeflateStream(packed, CompressionMode.Decompress));
        lines.ReadLine();
        StringBuilder file = new();
        for (int rank = 0; lines.ReadLine() is string token; rank++)
        {
            if (token.Length > 0)
            {
                file.Append(token).Append(' ').Append(rank).Append('\n');
            }
        }

        return Encoding.ASCII.GetBytes(file.ToString());
    }
}
