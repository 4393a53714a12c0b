using System.Diagnostics;
using Athanor.Tokenization;

namespace Athanor.Cli.Benchmarks;

/// <summary>Times one tokenizer over the text.</summary>
internal sealed class TokenizerBench(BenchText text, CancellationToken cancellation)
{
    private const int Rounds = 3;

    private readonly (string Name, IReadOnlyList<string> Documents)[] _texts = [("documentation", text.Documentation), ("mixture", text.Mixture)];

    public TokenizerFigures Measure(string path)
    {
        List<TokenizerRate> rates = [.. _texts.Select(part => Rate(part.Name, part.Documents, () => new AthanorEncoder(Tokenizer.Load(path)), Rounds, twoThreads: true))];
        List<TokenizerRate>? microsoft = MicrosoftTokenizers.For(path) is Func<IBenchEncoder> open
            ? [.. _texts.Select(part => Rate(part.Name, part.Documents, open, 1, twoThreads: false))]
            : null;
        return new TokenizerFigures(path, Length(path), Best(() => Tokenizer.Load(path)), Allocated(Tokenizer.Load(path)), rates, microsoft, [.. HardTexts(path)]);
    }

    private TokenizerRate Rate(string name, IReadOnlyList<string> documents, Func<IBenchEncoder> open, int rounds, bool twoThreads)
    {
        string[] first = [.. documents.Take(documents.Count / 2)];
        string[] second = [.. documents.Skip(documents.Count / 2)];
        (double firstBytes, double secondBytes) = (BenchText.Bytes(first), BenchText.Bytes(second));
        double warm = 0, cold = 0, both = 0;
        long tokens = 0;
        for (int round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            IBenchEncoder encoder = open();
            long start = Stopwatch.GetTimestamp();
            tokens = encoder.Encode(first);
            double coldSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            tokens += encoder.Encode(second);
            warm = Math.Max(warm, secondBytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds);

            // Nothing is timed twice: what the first half meets cold, and the second after it, is each document once
            cold = Math.Max(cold, (firstBytes + secondBytes) / 1e6 / (coldSeconds + Stopwatch.GetElapsedTime(start).TotalSeconds));
            if (twoThreads)
            {
                encoder = open();
                encoder.Encode(first);
                start = Stopwatch.GetTimestamp();
                Task other = Task.Run(() => encoder.Encode(second.AsSpan(second.Length / 2)), cancellation);
                encoder.Encode(second.AsSpan(0, second.Length / 2));
                other.Wait(cancellation);
                both = Math.Max(both, secondBytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return new TokenizerRate(name, warm, cold, twoThreads ? both : null, (firstBytes + secondBytes) / tokens);
    }

    private static IEnumerable<HardText> HardTexts(string path)
    {
        foreach ((string name, string hard) in new[] { ("one letter", new string('a', 1_000_000)), ("combining marks", new string('\u0301', 500_000)), ("spaces", new string(' ', 1_000_000)) })
        {
            int tokens = 0;
            double best = double.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                Tokenizer tokenizer = Tokenizer.Load(path);
                long start = Stopwatch.GetTimestamp();
                tokens = tokenizer.CountTokens(hard);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            yield return new HardText(name, best, tokens);
        }
    }

    private double Allocated(Tokenizer tokenizer)
    {
        string[] documents = [.. text.Documentation.Take(200)];
        List<int> ids = [];
        long before = 0;
        for (int round = 0; round < Rounds; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            foreach (string document in documents)
            {
                ids.Clear();
                tokenizer.Encode(document, ids);
            }
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / documents.Length;
    }

    private static double Best(Action work)
    {
        double best = double.MaxValue;
        for (int round = 0; round < 2 * Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return best;
    }

    private static long Length(string path) => Directory.Exists(path) ? Directory.GetFiles(path).Sum(file => new FileInfo(file).Length) : new FileInfo(path).Length;

    private sealed class AthanorEncoder(Tokenizer tokenizer) : IBenchEncoder
    {
        public long Encode(ReadOnlySpan<string> documents)
        {
            long tokens = 0;
            List<int> ids = [];
            foreach (string document in documents)
            {
                ids.Clear();
                tokenizer.Encode(document, ids);
                tokens += ids.Count;
            }

            return tokens;
        }
    }
}
