using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization;

/// <summary>
/// Turns text into token ids and back: byte-level byte pairs. Immutable and safe for use by many threads. What it inherits from
/// <see cref="Microsoft.ML.Tokenizers.Tokenizer"/> treats special tokens in a text as text, as <see cref="Encode(string)"/> does, so that nobody's input can end a turn.
/// </summary>
public sealed partial class Tokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    /// <summary>The name of the file in a tokenizer's or model's folder.</summary>
    public const string FileName = "tokenizer.json";

    private readonly string[] _tokens;
    private readonly byte[][] _bytes;
    private readonly Dictionary<string, int> _ids;
    private readonly int _specialCount;
    private readonly bool[] _special;
    private readonly BytePairModel _model;
    private readonly ByteLevelEncoder _encoder;
    private readonly SpecialTokenFinder _finder;

    /// <param name="tokens">The tokens as a file writes them, by id; every byte must be among them.</param>
    /// <param name="specialTokens">Which of them are special.</param>
    /// <param name="merges">The rules in order.</param>
    internal Tokenizer(IReadOnlyList<string> tokens, IEnumerable<string> specialTokens, IReadOnlyList<Merge> merges)
    {
        _tokens = [.. tokens];
        _ids = new Dictionary<string, int>(_tokens.Length);
        for (int id = 0; id < _tokens.Length; id++)
        {
            _ids.Add(_tokens[id], id);
        }

        _special = new bool[_tokens.Length];
        foreach (string token in specialTokens)
        {
            _special[_ids[token]] = true;
            _specialCount++;
        }

        _bytes = [.. _tokens.Select((token, id) => _special[id] ? Encoding.UTF8.GetBytes(token) : ByteAlphabet.Read(token) ?? Encoding.UTF8.GetBytes(token))];
        int[] byteIds = [.. Enumerable.Range(0, 256).Select(value => _ids[ByteAlphabet.CharacterOf((byte)value).ToString()])];
        _model = new BytePairModel(byteIds, merges);
        _encoder = new ByteLevelEncoder<AthanorPattern>(_model, whole: null);
        _finder = new SpecialTokenFinder(SpecialTokens);
    }

    /// <summary>How many ids there are: every id is below it.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>The special tokens in the order of their ids.</summary>
    public IEnumerable<KeyValuePair<string, int>> SpecialTokens =>
        Enumerable.Range(0, _tokens.Length).Where(id => _special[id]).Take(_specialCount).Select(id => KeyValuePair.Create(_tokens[id], id));

    internal IReadOnlyList<Merge> Merges => _model.Merges;

    /// <summary>Opens a <c>tokenizer.json</c>, or the one in a folder.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file is missing, malformed, contradictory, or uses a part this version does not know (named).</exception>
    public static Tokenizer Load(string path) => TokenizerJsonReader.Read(Directory.Exists(path) ? Path.Combine(path, FileName) : path);

    /// <summary>Writes a <c>tokenizer.json</c>, whole or not at all; its bytes depend on the tokenizer alone.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The file cannot be written.</exception>
    public void Save(string path) => TokenizerJsonWriter.Write(this, path);

    /// <summary>The ids of a text; what looks like a special token in it is text like any other.</summary>
    public int[] Encode(string text)
    {
        List<int> ids = new((text.Length / 3) + 4);
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text; what looks like a special token in it is text like any other.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer));
        int count = ids.Count;
        for (int at = 0; at < bytes.Length;)
        {
            CollectionsMarshal.SetCount(ids, count + bytes.Length - at + ByteLevelEncoder.Spare);
            count += _encoder.Encode(bytes, ref at, CollectionsMarshal.AsSpan(ids)[count..]);
        }

        CollectionsMarshal.SetCount(ids, count);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The ids of a text in which special tokens are recognised.</summary>
    public int[] EncodeWithSpecialTokens(string text)
    {
        List<int> ids = new((text.Length / 3) + 4);
        ReadOnlySpan<char> rest = text;
        while (_finder.Find(rest, out int position, out int length, out int special))
        {
            Encode(rest[..position], ids);
            ids.Add(special);
            rest = rest[(position + length)..];
        }

        Encode(rest, ids);
        return [.. ids];
    }

    /// <summary>A text cut before and after every special token in it.</summary>
    public IEnumerable<string> CutAtSpecialTokens(string text)
    {
        int start = 0;
        while (_finder.Find(text.AsSpan(start), out int position, out int length, out _))
        {
            if (position > 0)
            {
                yield return text.Substring(start, position);
            }

            yield return text.Substring(start + position, length);
            start += position + length;
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }

    /// <summary>The text of ids; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        int length = 0;
        foreach (int id in ids)
        {
            length += BytesOf(id).Length;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        int written = 0;
        foreach (int id in ids)
        {
            if (!skipSpecialTokens || !_special[id])
            {
                _bytes[id].CopyTo(bytes, written);
                written += _bytes[id].Length;
            }
        }

        string text = Encoding.UTF8.GetString(bytes, 0, written);
        ArrayPool<byte>.Shared.Return(bytes);
        return text;
    }

    /// <summary>The id of a token as it is written in the file (specials as they are, others in the byte-level alphabet).</summary>
    public bool TryGetId(string token, out int id) => _ids.TryGetValue(token, out id);

    /// <summary>The token of an id as it is written in the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public string TokenOf(int id) => _tokens[Checked(id)];

    /// <summary>The UTF-8 bytes an id stands for; for a special token those of its text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> BytesOf(int id) => _bytes[Checked(id)];

    /// <summary>Whether an id is a special token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public bool IsSpecial(int id) => _special[Checked(id)];

    /// <summary>A decoder for ids that arrive one at a time; it never gives half a character.</summary>
    public StreamingDecoder OpenDecoder(bool skipSpecialTokens = false) => new(this, skipSpecialTokens);

    private int Checked(int id)
    {
        if ((uint)id >= (uint)_tokens.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(id), id, $"the vocabulary has the ids 0 to {_tokens.Length - 1}");
        }

        return id;
    }

    private void EncodeBytes(ReadOnlySpan<char> word, List<int> ids)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        int length = Encoding.UTF8.GetBytes(word, buffer);
        int before = ids.Count;
        CollectionsMarshal.SetCount(ids, before + length);
        int count = _model.Encode(buffer.AsSpan(0, length), CollectionsMarshal.AsSpan(ids)[before..]);
        CollectionsMarshal.SetCount(ids, before + count);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
