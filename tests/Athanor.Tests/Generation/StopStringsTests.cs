using Athanor.Core.Randomness;
using Athanor.Generation.Decoding;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class StopStringsTests
{
    [Fact]
    public void Where_a_text_is_cut_into_pieces_does_not_matter() => Check.QuickThrowOnFailure(Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        RandomStream random = new RandomStreams(seed).Open("stop");
        string text = Word(random, 40);
        string[] stops = [.. Enumerable.Range(0, 1 + random.NextInt32(3)).Select(_ => Word(random, 1 + random.NextInt32(4)))];
        int first = stops.Select(stop => (Start: text.IndexOf(stop, StringComparison.Ordinal), stop.Length)).Where(found => found.Start >= 0)
            .OrderBy(found => found.Start + found.Length).ThenBy(found => found.Start).Select(found => found.Start).FirstOrDefault(-1);
        StopStrings matcher = new(stops);
        string given = "";
        for (int at = 0; at < text.Length && !matcher.Found;)
        {
            int length = Math.Min(1 + random.NextInt32(4), text.Length - at);
            given += matcher.Append(text.Substring(at, length));
            at += length;
        }

        Assert.Equal(first >= 0, matcher.Found);
        Assert.Equal(first >= 0 ? text[..first] : text, given + matcher.Flush());
    }));

    [Fact]
    public void What_may_begin_a_stop_string_is_held_back_until_it_is_certain()
    {
        StopStrings matcher = new(["END"]);
        Assert.Equal("a", matcher.Append("aE"));
        Assert.Equal("", matcher.Append("N"));
        Assert.Equal("EN", matcher.Append("EN"));
        Assert.Equal("", matcher.Append("D of it"));
        Assert.True(matcher.Found);
    }

    private static string Word(RandomStream random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.NextInt32(3))));
}
