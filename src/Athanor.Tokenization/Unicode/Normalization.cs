using System.Collections.Frozen;
using Athanor.Tokenization.Normalizers;

namespace Athanor.Tokenization.Unicode;

/// <summary>
/// The normal forms of Unicode 9.0 (UAX #15), with what became of each old character, as <see cref="IRewriter"/> wants to
/// know it. The forms of .NET would depend on the machine's ICU and fail on unpaired surrogates.
/// </summary>
internal static class Normalization
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, LeadCount = 19, VowelCount = 21, TrailCount = 28;

    private static readonly Lazy<Tables> Data = new(() => new Tables());

    [ThreadStatic]
    private static Composer? _composer;

    /// <summary>Whether a character has a decomposition, canonical or by compatibility.</summary>
    public static bool Decomposes(int code) =>
        code is >= HangulBase and < HangulBase + (LeadCount * VowelCount * TrailCount) || Data.Value.Compatibility.Of(code) is not null;

    /// <summary>Decomposes a text, canonically or by compatibility too, and puts its marks in order.</summary>
    /// <param name="text">The text, without unpaired surrogates.</param>
    /// <param name="compatibility">Whether compatibility decompositions count.</param>
    /// <param name="composed">Whether the result is composed again.</param>
    /// <param name="rewriter">Gets the characters.</param>
    public static void Normalize(ReadOnlySpan<char> text, bool compatibility, bool composed, IRewriter rewriter)
    {
        Tables data = Data.Value;
        Composer composer = _composer ?? new();
        _composer = null;
        composer.Begin(data, composed, rewriter);
        Decompositions parts = compatibility ? data.Compatibility : data.Canonical;
        int place = 0;
        while (place < text.Length)
        {
            int code = text[place++];
            if (char.IsHighSurrogate((char)code))
            {
                code = char.ConvertToUtf32((char)code, text[place++]);
            }

            if (code is >= HangulBase and < HangulBase + (LeadCount * VowelCount * TrailCount))
            {
                int syllable = code - HangulBase;
                composer.Push(LeadBase + (syllable / (VowelCount * TrailCount)), 0);
                composer.Push(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount), 1);
                if (syllable % TrailCount > 0)
                {
                    composer.Push(TrailBase + (syllable % TrailCount), 1);
                }
            }
            else if (parts.Of(code) is int[] decomposed)
            {
                for (int at = 0; at < decomposed.Length; at++)
                {
                    composer.Push(decomposed[at], at == 0 ? 0 : 1);
                }
            }
            else
            {
                composer.Push(code, 0);
            }
        }

        composer.End();
        _composer = composer.IsLarge ? null : composer;
    }

    // Puts marks in order, and composes. Used again from text to text
    private sealed class Composer
    {
        private readonly List<(int Code, int Change)> _blocked = [];
        private Tables _data = null!;
        private bool _composes;
        private IRewriter _rewriter = null!;
        private Mark[] _marks = new Mark[8];
        private Mark[] _sorted = [];
        private int _count;
        private bool _inOrder;
        private int _starter;
        private int _starterChange;
        private int _last;

        /// <summary>Whether a text of very many marks in a row has left it too large to be kept.</summary>
        public bool IsLarge => _marks.Length > 1 << 16 || _blocked.Capacity > 1 << 16;

        public void Begin(Tables data, bool composes, IRewriter rewriter)
        {
            (_data, _composes, _rewriter) = (data, composes, rewriter);
            (_count, _inOrder, _starter, _starterChange, _last) = (0, true, -1, 0, -1);
            _blocked.Clear();
        }

        public void Push(int code, int change)
        {
            byte kind = _data.ClassOf(code);
            if (kind == 0)
            {
                Sort();
                Compose(code, change, 0);
                return;
            }

            if (_count == _marks.Length)
            {
                Array.Resize(ref _marks, _count * 2);
            }

            _inOrder &= _count == 0 || _marks[_count - 1].Class <= kind;
            _marks[_count++] = new Mark(code, change, kind);
        }

        public void End()
        {
            Sort();
            Close();
            _rewriter = null!;
        }

        // By class, those of one class as they stand
        private void Sort()
        {
            if (_count == 0)
            {
                return;
            }

            Mark[] marks = _marks;
            if (!_inOrder)
            {
                Span<int> starts = stackalloc int[257];
                starts.Clear();
                for (int at = 0; at < _count; at++)
                {
                    starts[_marks[at].Class + 1]++;
                }

                for (int kind = 1; kind < starts.Length; kind++)
                {
                    starts[kind] += starts[kind - 1];
                }

                if (_sorted.Length < _count)
                {
                    _sorted = new Mark[_marks.Length];
                }

                for (int at = 0; at < _count; at++)
                {
                    _sorted[starts[_marks[at].Class]++] = _marks[at];
                }

                marks = _sorted;
            }

            for (int at = 0; at < _count; at++)
            {
                Compose(marks[at].Code, marks[at].Change, marks[at].Class);
            }

            (_count, _inOrder) = (0, true);
        }

        private void Compose(int code, int change, int kind)
        {
            if (!_composes || (_starter < 0 && kind != 0))
            {
                _rewriter.Add(code, change);
                return;
            }

            if (_starter < 0)
            {
                (_starter, _starterChange) = (code, change);
                return;
            }

            // Blocked by a mark between that is not below it
            bool free = _last < 0 || (kind != 0 && _last < kind);
            if (free && _data.Compose(_starter, code) is int composed and >= 0)
            {
                _starter = composed;
                _starterChange += change - 1;
            }
            else if (kind == 0)
            {
                Close();
                (_starter, _starterChange) = (code, change);
            }
            else
            {
                _blocked.Add((code, change));
                _last = kind;
            }
        }

        private void Close()
        {
            if (_starter >= 0)
            {
                _rewriter.Add(_starter, _starterChange);
            }

            foreach ((int code, int change) in _blocked)
            {
                _rewriter.Add(code, change);
            }

            _blocked.Clear();
            _starter = _last = -1;
        }

        private readonly record struct Mark(int Code, int Change, byte Class);
    }

    // By page of 256 code points, so that most texts are told in one look to have none
    private sealed class Decompositions
    {
        private readonly int[]?[]?[] _pages = new int[CodePointSet.Limit >> 8][][];

        public int[]? Of(int code) => _pages[code >> 8]?[code & 0xFF];

        public void Add(int code, int[] parts) => (_pages[code >> 8] ??= new int[256][])[code & 0xFF] = parts;
    }

    private sealed class Tables
    {
        private readonly byte[]?[] _classes = new byte[CodePointSet.Limit >> 8][];
        private readonly FrozenDictionary<long, int> _pairs;
        private readonly CodePointSet _seconds;

        public Tables()
        {
            List<(int Code, int[] To)> composing = [];
            foreach ((int code, int[] to, bool composes) in CharacterDatabase.Mappings("9.0 canonical"))
            {
                Canonical.Add(code, to);
                Compatibility.Add(code, to);
                if (composes)
                {
                    composing.Add((code, to));
                }
            }

            foreach ((int code, int[] to, _) in CharacterDatabase.Mappings("9.0 compatibility"))
            {
                Compatibility.Add(code, to);
            }

            for (int order = 1; CharacterDatabase.Names.Contains($"9.0 combining {order}"); order++)
            {
                foreach ((int first, int last) in CharacterDatabase.Set($"9.0 combining {order}").Ranges)
                {
                    for (int code = first; code <= last; code++)
                    {
                        (_classes[code >> 8] ??= new byte[256])[code & 0xFF] = (byte)order;
                    }
                }
            }

            // A character composes from what all parts but the last compose to, and the last; shorter ones first, so that these are known
            Dictionary<long, int> pairs = [];
            foreach ((int code, int[] to) in composing.OrderBy(mapping => mapping.To.Length))
            {
                int head = to[0];
                for (int at = 1; at < to.Length - 1; at++)
                {
                    head = pairs[((long)head << 32) | (uint)to[at]];
                }

                pairs.Add(((long)head << 32) | (uint)to[^1], code);
            }

            _pairs = pairs.ToFrozenDictionary();
            _seconds = CodePointSet.Of([.. pairs.Keys.Select(pair => (int)(uint)pair)]);
        }

        public Decompositions Canonical { get; } = new();

        public Decompositions Compatibility { get; } = new();

        public byte ClassOf(int code) => code < 0x300 || _classes[code >> 8] is not byte[] row ? (byte)0 : row[code & 0xFF];

        public int Compose(int first, int second)
        {
            if (second < 0x300)
            {
                return -1;
            }

            if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
            {
                return HangulBase + ((((first - LeadBase) * VowelCount) + (second - VowelBase)) * TrailCount);
            }

            if (first is >= HangulBase and < HangulBase + (LeadCount * VowelCount * TrailCount) && (first - HangulBase) % TrailCount == 0
                && second is > TrailBase and < TrailBase + TrailCount)
            {
                return first + second - TrailBase;
            }

            return _seconds.Contains(second) && _pairs.TryGetValue(((long)first << 32) | (uint)second, out int composed) ? composed : -1;
        }
    }
}
