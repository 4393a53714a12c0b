using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.Unigrams;

public sealed class PrecompiledMapTests
{
    private static readonly Dictionary<string, string> Rules = new() { ["a"] = "b", ["abc"] = "", ["é"] = "e", ["ｶﾞ"] = "ガ", ["ｶ"] = "カ", ["🙂"] = ":-)", ["xy"] = "b" };

    [Fact]
    public void A_built_map_gives_back_its_rules()
    {
        PrecompiledMap map = PrecompiledMap.Read(PrecompiledMap.Build(Rules).Bytes);
        Assert.Equal(Rules.OrderBy(rule => rule.Key), map.Rules().OrderBy(rule => rule.Key));
    }

    [Fact]
    public void Random_rules_are_found_by_their_longest_and_shortest_source()
    {
        RandomStream random = new RandomStreams(3).Open("map");
        string Draw(int most) => string.Concat(Enumerable.Range(0, random.NextInt32(most + 1)).Select(_ => "abéカ🙂"[random.NextInt32(4)]));
        Dictionary<string, string> rules = [];
        while (rules.Count < 300)
        {
            if (Draw(5) is { Length: > 0 } source)
            {
                rules[source] = Draw(2);
            }
        }

        PrecompiledMap map = PrecompiledMap.Build(rules);
        for (int i = 0; i < 2000; i++)
        {
            string text = Draw(8);
            string[] prefixes = [.. Enumerable.Range(1, text.Length).Select(length => text[..length]).Where(rules.ContainsKey)];
            Assert.Equal(prefixes.Length > 0, map.TryMatchLongest(Encoding.UTF8.GetBytes(text), out int length, out ReadOnlySpan<byte> longest));
            Assert.Equal(prefixes.Length > 0, map.TryMatchShortest(Encoding.UTF8.GetBytes(text), out ReadOnlySpan<byte> shortest));
            if (prefixes.Length > 0)
            {
                Assert.Equal(Encoding.UTF8.GetByteCount(prefixes[^1]), length);
                Assert.Equal(rules[prefixes[^1]], Encoding.UTF8.GetString(longest));
                Assert.Equal(rules[prefixes[0]], Encoding.UTF8.GetString(shortest));
            }
        }
    }

    [Fact]
    public void A_damaged_map_is_refused_or_stays_within_itself()
    {
        byte[] bytes = PrecompiledMap.Build(Rules).Bytes.ToArray();
        byte[] text = Encoding.UTF8.GetBytes("abcabéｶﾞ🙂xyz\0");
        for (int index = 0; index < 400; index++)
        {
            RandomStream random = new RandomStreams(7).Open("damage", index);
            byte[] damaged = bytes[..(random.NextInt32(4) == 0 ? random.NextInt32(bytes.Length + 1) : bytes.Length)];
            for (int i = random.NextInt32(40); i >= 0 && damaged.Length > 0; i--)
            {
                damaged[random.NextInt32(damaged.Length)] = (byte)random.NextInt32(256);
            }

            try
            {
                PrecompiledMap map = PrecompiledMap.Read(damaged);
                for (int at = 0; at < text.Length; at++)
                {
                    map.TryMatchLongest(text.AsSpan(at), out int length, out _);
                    Assert.InRange(length, 0, text.Length - at);
                }

                Assert.InRange(map.Rules().Count(), 0, 64 * bytes.Length);
            }
            catch (AthanorException)
            {
            }
        }
    }

    [Fact]
    public void A_rule_without_a_source_is_refused() =>
        Assert.Throws<AthanorException>(() => PrecompiledMap.Build([KeyValuePair.Create("", "a")]));
}
