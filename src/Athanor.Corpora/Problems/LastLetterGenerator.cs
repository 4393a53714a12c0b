using Athanor.Core.Randomness;

namespace Athanor.Corpora.Problems;

/// <summary>Joining the last letters of two to four names (Wei et al. 2022, "Chain-of-thought prompting elicits reasoning in large language models", section 5).</summary>
internal sealed class LastLetterGenerator() : WorkedGenerator("last_letters")
{
    protected internal override WorkedProblem Draw(RandomStream random)
    {
        List<string> names = [];
        int count = random.NextInt32(2, 5);
        while (names.Count < count)
        {
            string name = FirstNames.All[random.NextInt32(FirstNames.All.Count)];
            if (!names.Contains(name))
            {
                names.Add(name);
            }
        }

        return new WorkedProblem(
            string.Join(' ', names.Order(StringComparer.Ordinal)),
            $"last letters of {string.Join(' ', names)} ?",
            [.. names.Select(name => $"{name} ends in {name[^1]}")],
            string.Concat(names.Select(name => name[^1])));
    }
}
