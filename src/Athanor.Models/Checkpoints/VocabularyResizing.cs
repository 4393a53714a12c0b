using Athanor.Core.Errors;
using Athanor.Models.Specifications;

namespace Athanor.Models.Checkpoints;

/// <summary>Gives a model another vocabulary: rows of its embedding and its head are kept, moved, or made from the rows of the pieces a new token was written in before (their mean).</summary>
public static class VocabularyResizing
{
    /// <summary>Writes a model with another vocabulary, in single precision. Everything but the rows of tokens stays as it is; the tokenizer's files are not written.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="output">Where the new one goes; another folder.</param>
    /// <param name="sources">By new id the old ids whose rows' mean is the new row; none: the mean of all rows.</param>
    /// <exception cref="AthanorException">The model cannot be read, an old id is outside its vocabulary, or the new one cannot be written.</exception>
    public static void Write(string folder, string output, IReadOnlyList<IReadOnlyList<int>> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (Path.GetFullPath(folder) == Path.GetFullPath(output))
        {
            throw new AthanorException($"the new model would be written over the old one in {folder}", "name another folder");
        }

        using Checkpoint checkpoint = Checkpoint.Open(folder);
        TransformerSpec old = checkpoint.Spec;
        if (sources.SelectMany(source => source).Cast<int?>().FirstOrDefault(id => id < 0 || id >= old.VocabularySize) is int outside)
        {
            throw new AthanorException($"the tokenizer has the id {outside}, but the model in {folder} has the ids 0 to {old.VocabularySize - 1}", "use the tokenizer that belongs to the model");
        }

        ModelPlan plan = ModelPlan.From(old with { VocabularySize = sources.Count });
        int Moved(int id) => sources.TakeWhile(source => !(source.Count == 1 && source[0] == id)).Count() is int moved && moved < sources.Count ? moved : -1;
        int? MovedRole(int? id) => id is int token && Moved(token) is int moved and >= 0 ? moved : null;
        SpecialTokenIds tokens = new(
            MovedRole(checkpoint.SpecialTokens.Beginning), [.. checkpoint.SpecialTokens.Ends.Select(Moved).Where(id => id >= 0)], MovedRole(checkpoint.SpecialTokens.Padding));
        CheckpointWriter.Write(output, plan, name => plan[name].Part is ModelPart.Embedding or ModelPart.Head
            ? Rows(checkpoint.ReadSingles(name), old.VocabularySize, sources)
            : checkpoint.ReadSingles(name), tokens);
    }

    private static float[] Rows(float[] old, int count, IReadOnlyList<IReadOnlyList<int>> sources)
    {
        int width = old.Length / count;
        float[] rows = new float[checked(sources.Count * width)];
        int[] all = [.. Enumerable.Range(0, count)];
        float[]? mean = null;
        double[] sum = new double[width];
        for (int id = 0; id < sources.Count; id++)
        {
            Span<float> row = rows.AsSpan(id * width, width);
            if (sources[id].Count == 1)
            {
                old.AsSpan(sources[id][0] * width, width).CopyTo(row);
            }
            else if (sources[id].Count == 0)
            {
                mean ??= Mean(all);
                mean.CopyTo(row);
            }
            else
            {
                Mean(sources[id]).CopyTo(row);
            }
        }

        return rows;

        float[] Mean(IReadOnlyList<int> ids)
        {
            Array.Clear(sum);
            foreach (int id in ids)
            {
                for (int at = 0; at < width; at++)
                {
                    sum[at] += old[(id * width) + at];
                }
            }

            return [.. sum.Select(value => (float)(value / ids.Count))];
        }
    }
}
