using System.Text;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Tokenization;

namespace Athanor.Evaluation.Provenance;

/// <summary>A training document that contains a piece of a passage.</summary>
/// <param name="Part">The part of the corpus.</param>
/// <param name="Number">Its place in the part, from 0.</param>
/// <param name="Id">Its name in the corpus; null where the corpus is not at hand.</param>
/// <param name="Text">The longest piece of the passage that it contains.</param>
/// <param name="Bytes">How long the piece is in UTF-8.</param>
/// <param name="Before">What stands before it in the document, a few words.</param>
/// <param name="After">What stands after it.</param>
public sealed record PassageMatch(string Part, int Number, string? Id, string Text, int Bytes, string Before, string After);

/// <summary>
/// Finds the training documents that contain the longest pieces of a passage. The bytes of the token shards are read, so that it does not matter how the passage
/// would be cut into tokens; a special token, which begins a document or a turn, ends a piece.
/// </summary>
public static class PassageSearch
{
    /// <summary>The longest passage, in bytes of UTF-8.</summary>
    public const int LongestPassage = 16_384;

    private const int Context = 60;

    /// <summary>The documents with the longest pieces, longest first; of equals those that stand first.</summary>
    /// <param name="tokens">The tokens a model learnt from.</param>
    /// <param name="corpus">The corpus they were made of, for the documents' names; null where it is gone.</param>
    /// <param name="text">The passage.</param>
    /// <param name="most">How many documents.</param>
    /// <param name="cancellation">Stops between two documents.</param>
    /// <exception cref="AthanorException">The passage is empty or too long, or a file cannot be read.</exception>
    public static IReadOnlyList<PassageMatch> Find(Artifact tokens, Artifact? corpus, string text, int most, CancellationToken cancellation)
    {
        byte[] passage = Encoding.UTF8.GetBytes(text);
        if (passage.Length is 0 or > LongestPassage)
        {
            throw new AthanorException($"the passage has {passage.Length:N0} bytes", $"give a passage of 1 to {LongestPassage:N0} bytes");
        }

        Tokenizer tokenizer = Tokenizer.Load(tokens.Folder);
        PassageAutomaton automaton = new(passage);
        List<Found> best = [];
        string folder = tokens.PathOf(CorpusLayout.Train);
        foreach (string index in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.idx").Order(StringComparer.Ordinal) : throw new AthanorException($"{tokens.Folder} holds no training tokens", "name a run whose tokens.encode stage is done"))
        {
            string part = Path.GetFileNameWithoutExtension(index);
            if (!part.EndsWith(".mask", StringComparison.Ordinal))
            {
                Search(tokens.PathOf(TokensLayout.Shard(CorpusLayout.Train, part)), part, tokenizer, automaton, best, most, cancellation);
            }
        }

        Dictionary<(string, int), string> ids = corpus is null ? [] : IdsOf(corpus, best, cancellation);
        return [.. best.Select(found => Describe(tokens, tokenizer, found, ids.GetValueOrDefault((found.Part, found.Number))))];
    }

    private static void Search(string path, string part, Tokenizer tokenizer, PassageAutomaton automaton, List<Found> best, int most, CancellationToken cancellation)
    {
        using TokenShard shard = TokenShard.Open(path);
        for (int document = 0; document < shard.Sequences; document++)
        {
            cancellation.ThrowIfCancellationRequested();
            automaton.Reset();
            int longest = 0;
            int end = 0;
            int at = 0;
            foreach (int token in shard.ReadSequence(document))
            {
                if (token >= tokenizer.VocabularySize)
                {
                    throw new AthanorException($"{path} holds the token {token}, which its tokenizer does not have", "run tokens.encode again");
                }

                ReadOnlySpan<byte> bytes = tokenizer.BytesOf(token);
                if (tokenizer.IsSpecial(token))
                {
                    automaton.Reset();
                    at += bytes.Length;
                    continue;
                }

                foreach (byte letter in bytes)
                {
                    automaton.Read(letter);
                    at++;
                    if (automaton.Length > longest)
                    {
                        (longest, end) = (automaton.Length, at);
                    }
                }
            }

            Keep(best, new Found(part, document, longest, end), most);
        }
    }

    private static void Keep(List<Found> best, Found found, int most)
    {
        if (found.Length == 0 || (best.Count == most && found.Length <= best[^1].Length))
        {
            return;
        }

        int place = best.FindIndex(other => other.Length < found.Length);
        best.Insert(place < 0 ? best.Count : place, found);
        if (best.Count > most)
        {
            best.RemoveAt(most);
        }
    }

    // a shard has a sequence for each line of the corpus's file
    private static Dictionary<(string, int), string> IdsOf(Artifact corpus, List<Found> best, CancellationToken cancellation)
    {
        Dictionary<(string, int), string> ids = [];
        foreach (IGrouping<string, Found> part in best.GroupBy(found => found.Part))
        {
            string path = corpus.PathOf(CorpusLayout.Documents(CorpusLayout.Train, part.Key));
            HashSet<int> wanted = [.. part.Select(found => found.Number)];
            int number = 0;
            foreach (Document document in File.Exists(path) ? JsonLines.Read<Document>(path) : [])
            {
                cancellation.ThrowIfCancellationRequested();
                if (wanted.Contains(number))
                {
                    ids[(part.Key, number)] = document.Id;
                }

                number++;
            }
        }

        return ids;
    }

    private static PassageMatch Describe(Artifact tokens, Tokenizer tokenizer, Found found, string? id)
    {
        using TokenShard shard = TokenShard.Open(tokens.PathOf(TokensLayout.Shard(CorpusLayout.Train, found.Part)));
        List<byte> bytes = [];
        foreach (int token in shard.ReadSequence(found.Number))
        {
            bytes.AddRange(tokenizer.BytesOf(token));
        }

        int begin = found.End - found.Length;
        string Piece(int from, int to) => Encoding.UTF8.GetString([.. bytes[Math.Max(0, from)..Math.Min(bytes.Count, to)]]);
        return new PassageMatch(found.Part, found.Number, id, Piece(begin, found.End), found.Length, Piece(begin - Context, begin), Piece(found.End, found.End + Context));
    }

    private sealed record Found(string Part, int Number, int Length, int End);
}
