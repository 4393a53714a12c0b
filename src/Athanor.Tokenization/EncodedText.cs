namespace Athanor.Tokenization;

/// <summary>
/// The tokens of a text, or of a pair of texts, with where each came from: what Hugging Face tokenizers call an encoding. All lists have one entry a token.
/// </summary>
public sealed class EncodedText
{
    private readonly List<EncodedUnit> _units;
    private readonly List<EncodedText> _overflowing = [];

    // The tokens of each sequence; none known: everything is sequence 0
    private readonly SortedDictionary<int, Offsets> _sequences = [];

    internal EncodedText(List<EncodedUnit> units)
    {
        _units = units;
    }

    /// <summary>How many tokens there are.</summary>
    public int Count => _units.Count;

    /// <summary>The ids.</summary>
    public IReadOnlyList<int> Ids => Column(unit => unit.Id);

    /// <summary>The tokens as the tokenizer's file writes them.</summary>
    public IReadOnlyList<string> Tokens => Column(unit => unit.Token);

    /// <summary>Where each token stands in its text, in UTF-16 units; 0 to 0 for tokens that were added. Tokens that share a character all cover it.</summary>
    public IReadOnlyList<Offsets> Offsets => Column(unit => unit.Offsets);

    /// <summary>Where each token stands in its text, in Unicode code points, as Python counts.</summary>
    public IReadOnlyList<Offsets> CodePointOffsets => Column(unit => unit.CodePointOffsets);

    /// <summary>Which segment a token belongs to, as models with segment embeddings want it.</summary>
    public IReadOnlyList<int> TypeIds => Column(unit => unit.TypeId);

    /// <summary>1, but 0 for padding.</summary>
    public IReadOnlyList<int> AttentionMask => Column(unit => unit.Attention ? 1 : 0);

    /// <summary>1 for tokens that the tokenizer added (special tokens and padding), otherwise 0.</summary>
    public IReadOnlyList<int> SpecialTokensMask => Column(unit => unit.Special ? 1 : 0);

    /// <summary>The number of the word a token is in, counted in its text; null for tokens that were added.</summary>
    public IReadOnlyList<int?> WordIds => Column(unit => unit.WordId);

    /// <summary>Which text of a pair a token is from; null for tokens of neither.</summary>
    public IReadOnlyList<int?> SequenceIds
    {
        get
        {
            int?[] ids = new int?[Count];
            for (int sequence = 0; sequence < Math.Max(1, _sequences.Count); sequence++)
            {
                Offsets range = _sequences.TryGetValue(sequence, out Offsets known) ? known : new Offsets(0, Count);
                Array.Fill(ids, sequence, range.Start, range.Length);
            }

            return ids;
        }
    }

    /// <summary>What truncation cut off, in pieces of the same length, in order.</summary>
    public IReadOnlyList<EncodedText> Overflowing => _overflowing;

    internal IReadOnlyList<EncodedUnit> Units => _units;

    /// <summary>The tokens between others, without what was cut off; those between are the only sequence.</summary>
    internal EncodedText Framed(IReadOnlyList<EncodedUnit> before, IReadOnlyList<EncodedUnit> after, int sequence)
    {
        // The frame says what is special: tokens are marked anew
        EncodedText framed = new([.. before, .. _units.Select(unit => unit with { Special = false, Attention = true }), .. after]);
        framed.SetSequence(sequence, new Offsets(before.Count, before.Count + Count));
        return framed;
    }

    internal void Change(Func<EncodedUnit, EncodedUnit> change)
    {
        for (int at = 0; at < _units.Count; at++)
        {
            _units[at] = change(_units[at]);
        }
    }

    internal void SetSequence(int sequence) => SetSequence(sequence, new Offsets(0, Count));

    internal void SetSequence(int sequence, Offsets tokens) => _sequences[sequence] = tokens;

    internal void AddOverflowing(IEnumerable<EncodedText> pieces) => _overflowing.AddRange(pieces);

    /// <summary>All in a row; every piece that was cut off one is set beside the others and each of their pieces.</summary>
    internal static EncodedText Join(IEnumerable<EncodedText> encodings)
    {
        EncodedText joined = new([]);
        foreach (EncodedText next in encodings)
        {
            joined = joined.FollowedBy(next);
        }

        return joined;
    }

    // What was cut off keeps, in its turn, what is cut off beside it: Hugging Face nests them so
    private EncodedText FollowedBy(EncodedText next)
    {
        EncodedText joined = Row(next);
        foreach (EncodedText piece in _overflowing)
        {
            joined._overflowing.Add(piece.FollowedBy(next));
            joined._overflowing.AddRange(next._overflowing.Select(piece.FollowedBy));
        }

        joined._overflowing.AddRange(next._overflowing.Select(FollowedBy));
        return joined;
    }

    private EncodedText Row(EncodedText next)
    {
        EncodedText row = new([.. _units, .. next._units]);
        foreach ((int sequence, Offsets range) in _sequences)
        {
            row._sequences[sequence] = range;
        }

        foreach ((int sequence, Offsets range) in next._sequences)
        {
            row._sequences[sequence] = new Offsets(Count + range.Start, Count + range.End);
        }

        return row;
    }

    /// <summary>Puts tokens before or after the others, here and in what was cut off, up to a length.</summary>
    internal void Pad(int length, EncodedUnit padding, bool left)
    {
        foreach (EncodedText piece in _overflowing)
        {
            piece.Pad(length, padding, left);
        }

        int missing = length - Count;
        if (missing <= 0)
        {
            return;
        }

        _units.InsertRange(left ? 0 : Count, Enumerable.Repeat(padding, missing));
        if (left)
        {
            foreach (int sequence in _sequences.Keys.ToArray())
            {
                Offsets range = _sequences[sequence];
                _sequences[sequence] = new Offsets(range.Start + missing, range.End + missing);
            }
        }
    }

    private T[] Column<T>(Func<EncodedUnit, T> select)
    {
        T[] column = new T[Count];
        for (int at = 0; at < column.Length; at++)
        {
            column[at] = select(_units[at]);
        }

        return column;
    }
}

/// <summary>A token of an <see cref="EncodedText"/>.</summary>
internal readonly record struct EncodedUnit(
    int Id, string Token, Offsets Offsets, Offsets CodePointOffsets, int? WordId, int TypeId = 0, bool Attention = true, bool Special = false);
