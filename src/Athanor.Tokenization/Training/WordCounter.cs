using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Counts the words of many texts on many threads, within a memory limit: when the tables are full, or some time has passed, their words go to a file in
/// order, and at the end the files are merged. With a checkpoint folder counting goes on where it was stopped or killed.
/// </summary>
internal sealed class WordCounter
{
    private const int BatchTexts = 64;
    private const int BatchCharacters = 1 << 18;
    private const int MostRuns = 16;
    private const string StateFile = "words.json";

    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(20);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly Action<string, WordTable> _split;
    private readonly int _threads;
    private readonly WorkingMemory _memory;
    private readonly long _tableLimit;
    private readonly string? _folder;
    private readonly string _key;
    private readonly TimeProvider _clock;
    private State _state;

    /// <param name="split">Adds the words of a text to a table; called by many threads.</param>
    /// <param name="threads">How many threads count; the result is the same.</param>
    /// <param name="memory">Limits the tables, and holds the list.</param>
    /// <param name="folder">The checkpoint folder; none where nothing shall be kept on disk.</param>
    /// <param name="key">What is counted, and how: a checkpoint of other work is not gone on from.</param>
    /// <param name="clock">Says when a checkpoint is due.</param>
    public WordCounter(Action<string, WordTable> split, int threads, WorkingMemory memory, string? folder = null, string key = "", TimeProvider? clock = null)
    {
        _split = split;
        _threads = threads;
        _memory = memory;
        _tableLimit = memory.Limit / 5 * 2;
        _folder = folder;
        _key = key;
        _clock = clock ?? TimeProvider.System;
        _state = Resume();
    }

    /// <summary>How many texts were counted before, when this goes on from a checkpoint.</summary>
    public long ResumedTexts => _state.Texts;

    /// <summary>Counts the words of all texts without a limit and a checkpoint.</summary>
    public static WordList Count(IEnumerable<string> texts, Action<string, WordTable> split, int threads, WorkingMemory memory, CancellationToken cancellation) =>
        new WordCounter(split, threads, memory).Count(texts, null, cancellation);

    /// <summary>Counts the words of all texts; when stopped, what was counted is kept in the checkpoint folder.</summary>
    /// <param name="texts">The texts, the same ones in the same order each time.</param>
    /// <param name="progress">Told the bytes of text counted so far.</param>
    /// <param name="cancellation">Stops.</param>
    public WordList Count(IEnumerable<string> texts, Action<long>? progress, CancellationToken cancellation)
    {
        WordTable[] tables = [.. Enumerable.Range(0, _threads).Select(_ => new WordTable())];
        try
        {
            if (!_state.Complete)
            {
                using IEnumerator<string> source = texts.GetEnumerator();
                for (long skipped = 0; skipped < _state.Texts && source.MoveNext(); skipped++)
                {
                    cancellation.ThrowIfCancellationRequested();
                }

                while (!CountRound(source, tables, progress, cancellation))
                {
                    Spill(tables, complete: false, CancellationToken.None);
                    cancellation.ThrowIfCancellationRequested();
                }

                if (_folder is not null)
                {
                    Spill(tables, complete: true, cancellation);
                }
            }

            return _folder is null ? Gather(tables) : Gather(cancellation);
        }
        finally
        {
            foreach (WordTable table in tables)
            {
                table.Dispose();
            }
        }
    }

    /// <summary>Counts until the texts are through (true), or the tables must be written (false).</summary>
    private bool CountRound(IEnumerator<string> source, WordTable[] tables, Action<long>? progress, CancellationToken cancellation)
    {
        Lock gate = new();
        long started = _clock.GetTimestamp();
        bool ended = false;
        bool stop = false;
        long texts = _state.Texts;
        long bytes = _state.TextBytes;
        void Work(int thread)
        {
            WordTable table = tables[thread];
            List<string> batch = [];
            while (!Volatile.Read(ref stop))
            {
                batch.Clear();
                lock (gate)
                {
                    for (int characters = 0; !ended && batch.Count < BatchTexts && characters < BatchCharacters;)
                    {
                        if (!source.MoveNext())
                        {
                            ended = true;
                            break;
                        }

                        batch.Add(source.Current);
                        characters += source.Current.Length;
                    }

                    texts += batch.Count;
                }

                if (batch.Count == 0)
                {
                    return;
                }

                long read = 0;
                foreach (string text in batch)
                {
                    _split(text, table);
                    read += Encoding.UTF8.GetByteCount(text);
                }

                lock (gate)
                {
                    bytes += read;
                    progress?.Invoke(bytes);
                    if (cancellation.IsCancellationRequested || table.IsFull
                        || (_folder is not null && (tables.Sum(other => other.Bytes) > _tableLimit || _clock.GetElapsedTime(started) > CheckpointInterval)))
                    {
                        Volatile.Write(ref stop, true);
                    }
                }
            }
        }

        if (_threads == 1)
        {
            Work(0);
        }
        else
        {
            try
            {
                Parallel.For(0, _threads, new ParallelOptions { MaxDegreeOfParallelism = _threads }, Work);
            }
            catch (AggregateException exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
            }
        }

        _state = _state with { Texts = texts, TextBytes = bytes };
        if (_folder is null)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return ended && !cancellation.IsCancellationRequested;
    }

    private void Spill(WordTable[] tables, bool complete, CancellationToken cancellation)
    {
        if (_folder is null)
        {
            throw new AthanorException("there are more different words than fit into memory", "set a memory limit (--memory 1GB), so that word counts go to disk");
        }

        // One pass over all files now and then keeps their number small; the last one leaves a single file
        bool all = complete || _state.Runs.Count >= MostRuns;
        List<WordRun> runs = all ? [.. _state.Runs.Select(run => WordRun.Open(Path.Combine(_folder, run.File)))] : [];
        try
        {
            Parallel.ForEach(tables, new ParallelOptions { MaxDegreeOfParallelism = _threads }, table => table.Rewind());
            string name = $"words-{_state.Written}.run";
            (long words, long bytes) = WordRun.Write(Path.Combine(_folder, name), [.. tables, .. runs], cancellation);
            IReadOnlyList<Run> before = all ? [] : _state.Runs;
            IReadOnlyList<Run> gone = all ? _state.Runs : [];
            _state = _state with { Runs = [.. before, new Run(name, words, bytes)], Written = _state.Written + 1, Complete = complete };
            AtomicFile.WriteText(Path.Combine(_folder, StateFile), JsonSerializer.Serialize(_state, Json));
            foreach (WordTable table in tables)
            {
                table.Clear();
            }

            foreach (Run run in gone)
            {
                File.Delete(Path.Combine(_folder, run.File));
            }
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    private WordList Gather(WordTable[] tables)
    {
        foreach (WordTable table in tables.AsSpan(1))
        {
            tables[0].Add(table);
            table.Clear();
        }

        return WordList.From(tables[0], _memory);
    }

    private WordList Gather(CancellationToken cancellation)
    {
        Run run = _state.Runs.Single();
        WordList list = new(_memory, run.Words, run.Bytes);
        using WordRun words = WordRun.Open(Path.Combine(_folder!, run.File));
        while (words.MoveNext())
        {
            if ((list.Count & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            list.Append(words.Word, words.WordCount);
        }

        return list;
    }

    private State Resume()
    {
        State none = new(_key, 0, 0, [], 0, false);
        string path = Path.Combine(_folder ?? "", StateFile);
        if (_folder is null || !File.Exists(path))
        {
            return none;
        }

        try
        {
            State? state = JsonSerializer.Deserialize<State>(File.ReadAllText(path), Json);
            return state is { Runs: not null } && state.Key == _key && (!state.Complete || state.Runs.Count == 1) && state.Runs.All(Exists) ? state : none;
        }
        catch (JsonException exception)
        {
            throw new AthanorException($"{path} is damaged: {exception.Message}", "delete the checkpoint folder to start anew", exception);
        }
    }

    // What a damaged state says must not make anybody take memory: a word has at least two bytes in its file
    private bool Exists(Run run)
    {
        if (run is null || Path.GetFileName(run.File) != run.File)
        {
            return false;
        }

        FileInfo file = new(Path.Combine(_folder!, run.File));
        return file.Exists && run.Words >= 0 && run.Words <= file.Length && run.Bytes >= 0 && run.Bytes <= file.Length;
    }

    /// <summary>What a checkpoint knows.</summary>
    /// <param name="Key">What is counted, and how.</param>
    /// <param name="Texts">How many texts were counted.</param>
    /// <param name="TextBytes">How many bytes those have.</param>
    /// <param name="Runs">The files of counted words.</param>
    /// <param name="Written">How many files were written so far, which names the next.</param>
    /// <param name="Complete">Whether all texts were counted; then there is one file.</param>
    private sealed record State(string Key, long Texts, long TextBytes, IReadOnlyList<Run> Runs, int Written, bool Complete);

    /// <summary>A file of counted words.</summary>
    private sealed record Run(string File, long Words, long Bytes);
}
