using Athanor.Core.Errors;
using Athanor.Tokenization.Training;
using Xunit;

namespace Athanor.Tests.Tokenization.Training;

public sealed class WordCounterTests : IDisposable
{
    private static readonly IReadOnlyList<string> Texts = CountedTexts.Make(400, 40, "counter");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Words_come_in_the_order_of_their_bytes_with_the_counts_that_counting_by_hand_gives(int threads)
    {
        using WordList words = WordCounter.Count(Texts, CountedTexts.Split, threads, WorkingMemory.Unlimited, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(Texts), CountedTexts.Read(words));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Spilled_words_are_merged_again(int threads)
    {
        using WordList words = Counter(threads, new HastyClock()).Count(Texts, null, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(Texts), CountedTexts.Read(words));
        Assert.Single(Directory.GetFiles(_folder.Path, "*.run"));
    }

    [Fact]
    public void A_memory_limit_changes_where_words_are_kept_and_nothing_else()
    {
        // More different words than half a megabyte of tables hold
        IReadOnlyList<string> texts = CountedTexts.Make(2000, 60, "limit");
        using WordList words = new WordCounter(CountedTexts.Split, 2, new WorkingMemory(0, _folder.Path), _folder.Path).Count(texts, null, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(texts), CountedTexts.Read(words));
        Assert.Matches(@"words-[1-9]\d*\.run", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder.Path, "*.run"))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Stopped_counting_goes_on_and_gives_what_counting_through_gives(int threads)
    {
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Counter(threads, TimeProvider.System).Count(
            Texts,
            bytes =>
            {
                if (bytes > 20_000)
                {
                    stop.Cancel();
                }
            },
            stop.Token));
        WordCounter counter = Counter(threads, TimeProvider.System);
        Assert.InRange(counter.ResumedTexts, 1, Texts.Count - 1);
        using WordList words = counter.Count(Texts, null, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(Texts), CountedTexts.Read(words));
    }

    [Fact]
    public void A_killed_process_loses_only_what_came_after_the_last_spill()
    {
        IEnumerable<string> Dying()
        {
            foreach (string text in Texts.Take(300))
            {
                yield return text;
            }

            throw new InvalidOperationException("killed");
        }

        Assert.Throws<InvalidOperationException>(() => Counter(1, new HastyClock()).Count(Dying(), null, TestContext.Current.CancellationToken));
        WordCounter counter = Counter(1, TimeProvider.System);
        Assert.InRange(counter.ResumedTexts, 1, 300);
        using WordList words = counter.Count(Texts, null, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(Texts), CountedTexts.Read(words));
    }

    [Fact]
    public void Finished_counting_is_not_done_again()
    {
        Counter(1, TimeProvider.System).Count(Texts, null, TestContext.Current.CancellationToken).Dispose();
        using WordList words = Counter(2, TimeProvider.System).Count(Texts.Select<string, string>(_ => throw new InvalidOperationException("read again")), null, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(Texts), CountedTexts.Read(words));
    }

    [Fact]
    public void A_checkpoint_of_other_work_is_not_gone_on_from()
    {
        Counter(1, TimeProvider.System).Count(Texts, null, TestContext.Current.CancellationToken).Dispose();
        WordCounter other = new(CountedTexts.Split, 1, WorkingMemory.Unlimited, _folder.Path, "other");
        using WordList words = other.Count(Texts.Take(5), null, TestContext.Current.CancellationToken);
        Assert.Equal(CountedTexts.ByHand(Texts.Take(5)), CountedTexts.Read(words));
    }

    [Fact]
    public void A_fault_of_the_reader_comes_through_as_it_is()
    {
        IEnumerable<string> faulty = Texts.Select((text, index) => index == 50 ? throw new AthanorException("a", "b") : text);
        Assert.Throws<AthanorException>(() => WordCounter.Count(faulty, CountedTexts.Split, 3, WorkingMemory.Unlimited, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("words.json")]
    [InlineData("words-0.run")]
    public void A_damaged_checkpoint_is_read_or_refused(string name)
    {
        Counter(1, TimeProvider.System).Count(Texts.Take(20), null, TestContext.Current.CancellationToken).Dispose();
        byte[] original = File.ReadAllBytes(_folder[name]);
        Dictionary<string, byte[]> whole = Directory.GetFiles(_folder.Path).ToDictionary(path => path, File.ReadAllBytes);
        foreach (byte[] bytes in Mutation.Of(original, 200, "word run " + name))
        {
            foreach ((string path, byte[] content) in whole)
            {
                File.WriteAllBytes(path, content);
            }

            File.WriteAllBytes(_folder[name], bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Counter(1, TimeProvider.System).Count(Texts.Take(20), null, TestContext.Current.CancellationToken).Dispose();
            }
            catch (AthanorException)
            {
                // refused
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        }
    }

    private WordCounter Counter(int threads, TimeProvider clock) => new(CountedTexts.Split, threads, WorkingMemory.Unlimited, _folder.Path, "texts", clock);

    /// <summary>A clock by which a checkpoint is always due.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _now, TimeSpan.FromMinutes(1).Ticks);
    }
}
