using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Byte-level byte pairs behind an expression that is written by hand (<see cref="ByteLevelEncoder"/>), as a pipeline's short way to ids.</summary>
internal sealed class ByteLevelFastEncoder(ByteLevelEncoder encoder) : IFastEncoder
{
    /// <summary>The short way for the parts of a pipeline, or null where there is none.</summary>
    public static ByteLevelFastEncoder? For(TokenizerPipeline pipeline)
    {
        string? expression = pipeline.PreTokenizer switch
        {
            ByteLevelPreTokenizer { AddPrefixSpace: false, UseExpression: true } => Gpt2Pattern.Expression,
            PreTokenizerSequence
            {
                PreTokenizers: [SplitPreTokenizer { Behavior: SplitBehavior.Isolated, Invert: false, Pattern: { IsExpression: true } pattern }, ByteLevelPreTokenizer { AddPrefixSpace: false, UseExpression: false }]
            } => pattern.Text,
            _ => null,
        };
        if (expression is null || pipeline.Normalizer is not null || pipeline.Model is not BytePairTokenModel model
            || !string.IsNullOrEmpty(model.Options.ContinuingPrefix) || !string.IsNullOrEmpty(model.Options.EndOfWordSuffix))
        {
            return null;
        }

        int[] byteIds = new int[256];
        for (int value = 0; value < byteIds.Length; value++)
        {
            // Without a token for a byte the model has more to decide: what is unknown, and what becomes of it
            if (!model.TryGetId(ByteAlphabet.CharacterOf((byte)value).ToString(), out byteIds[value]))
            {
                return null;
            }
        }

        TokenTable? whole = null;
        if (model.Options.IgnoreMerges)
        {
            byte[]?[] tokens = new byte[]?[model.IdLimit];
            foreach (int id in model.Vocabulary.Ids)
            {
                tokens[id] = ByteAlphabet.Read(model.TokenOf(id)!);
            }

            whole = new TokenTable(tokens);
        }

        return ByteLevelEncoder.For(expression, new BytePairModel(byteIds, model.Merges, model.Options.OneRankAToken), whole) is ByteLevelEncoder encoder ? new ByteLevelFastEncoder(encoder) : null;
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer));
        int count = ids.Count;
        for (int at = 0; at < bytes.Length;)
        {
            CollectionsMarshal.SetCount(ids, count + bytes.Length - at + ByteLevelEncoder.Spare);
            count += encoder.Encode(bytes, ref at, CollectionsMarshal.AsSpan(ids)[count..]);
        }

        CollectionsMarshal.SetCount(ids, count);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
