using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>Keeping track of a coin that two to five people flip or leave (Wei et al. 2022, section 5).</summary>
internal sealed class CoinFlipGenerator() : WorkedGenerator("coin_flips")
{
    protected internal override WorkedProblem Draw(RandomStream random)
    {
        List<(string Name, bool Flips)> people = [];
        int count = random.NextInt32(2, 6);
        while (people.Count < count)
        {
            string name = FirstNames.All[random.NextInt32(FirstNames.All.Count)];
            if (!people.Exists(person => person.Name == name))
            {
                people.Add((name, random.NextInt32(2) == 0));
            }
        }

        bool heads = true;
        List<string> steps = [];
        foreach ((string name, bool flips) in people)
        {
            heads ^= flips;
            steps.Add($"{name} {(flips ? "flips" : "waits")} : {(heads ? "heads" : "tails")}");
        }

        return new WorkedProblem(
            string.Join(' ', people.Select(person => person.Name + (person.Flips ? "+" : "-")).Order(StringComparer.Ordinal)),
            $"a coin shows heads. {string.Join(' ', people.Select(person => $"{person.Name} {(person.Flips ? "flips it." : "waits.")}"))} Does it show heads?",
            steps,
            heads ? "yes" : "no");
    }
}
