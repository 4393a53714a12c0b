using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.LlamaCpp;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization;

/// <summary>
/// Turns ids into text as they arrive, holding back bytes until they are whole characters. Bytes that can be no part of a character become U+FFFD at once,
/// so all pieces together are what <see cref="Tokenizer.Decode(ReadOnlySpan{int}, bool)"/> gives.
/// </summary>
public sealed class StreamingDecoder
{
    // Decoders look at a token, at the one before it and at the beginning of the text; the window is far longer, and cut to its half when it is full
    private const int WindowLength = 64;

    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly bool _byteLevel;
    private readonly bool _byteFallback;
    private readonly SentencePieceDecoder? _pieces;
    private SentencePieceText? _text;

    // For vocabularies of GGUF files: what a rule about spaces may still change, and whether the first token has come
    private readonly LlamaDecoder? _llama;
    private readonly List<byte> _held = [];
    private bool _begun;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _characters = new char[64];

    // For decoders over tokens: the last tokens, how much of their text was given, and how many at the end are bytes of an incomplete character
    private readonly List<string> _window = [];
    private readonly List<string> _work = [];
    private readonly byte[] _pending = new byte[4];
    private int _pendingCount;
    private int _given;

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
        _byteLevel = tokenizer.Pipeline.Decoder is ByteLevelDecoder;
        _llama = tokenizer.Pipeline.Decoder as LlamaDecoder;
        _byteFallback = TokenBytes.HasByteFallback(tokenizer.Pipeline.Decoder);
        _pieces = tokenizer.Pipeline.Decoder as SentencePieceDecoder;
        _text = _pieces?.Open();
    }

    /// <summary>Whether bytes are held back.</summary>
    public bool IsWithinCharacter => _text?.IsWithinCharacter ?? _pendingCount > 0 || _decoder.GetCharCount([], flush: true) > 0;

    /// <summary>Takes an id and gives the text that became certain, possibly empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public string Append(int id)
    {
        if (_skipSpecialTokens && _tokenizer.Pipeline.Added.IsLeftOut(id))
        {
            return "";
        }

        if (_byteLevel)
        {
            return Decode(_tokenizer.BytesOf(id), flush: false);
        }

        if (_llama is not null)
        {
            return AppendLlama(_tokenizer.BytesOf(id));
        }

        if (_tokenizer.Pipeline.TokenOf(id) is not string token)
        {
            return "";
        }

        if (_text is not null)
        {
            _text.Append(Encoding.UTF8.GetBytes(token));
            return _text.Take(final: false);
        }

        if (_byteFallback && ByteFallbackDecoder.TryGetByte(token, out byte value))
        {
            AppendByte(token, value);
        }
        else
        {
            GiveUpPending();
            _window.Add(token);
        }

        return NewText();
    }

    /// <summary>Gives what was held back (an incomplete character becomes U+FFFD) and begins anew.</summary>
    public string Flush()
    {
        if (_byteLevel)
        {
            return Decode([], flush: true);
        }

        if (_text is not null)
        {
            string last = _text.Take(final: true);
            _text = _pieces!.Open();
            return last;
        }

        if (_llama is not null)
        {
            string held = Decode(SpaceCleaner.Clean([.. _held]), flush: true);
            _held.Clear();
            _begun = false;
            return held;
        }

        GiveUpPending();
        string rest = NewText();
        _window.Clear();
        _given = 0;
        return rest;
    }

    private string AppendLlama(ReadOnlySpan<byte> bytes)
    {
        bytes = !_begun && _llama!.StripsFirstSpace && bytes.StartsWith(" "u8) ? bytes[1..] : bytes;
        _begun = true;
        if (!_llama!.CleansSpaces)
        {
            return Decode(bytes, flush: false);
        }

        _held.AddRange(bytes);
        ReadOnlySpan<byte> held = CollectionsMarshal.AsSpan(_held);
        int settled = SpaceCleaner.SettledLength(held);
        string text = Decode(SpaceCleaner.Clean(held[..settled].ToArray()), flush: false);
        _held.RemoveRange(0, settled);
        return text;
    }

    // The bytes of a character arrive one token each; those that come to nothing are replaced by one U+FFFD for each maximal part
    private void AppendByte(string token, byte value)
    {
        _pending[_pendingCount++] = value;
        _window.Add(token);
        OperationStatus status = Rune.DecodeFromUtf8(_pending.AsSpan(0, _pendingCount), out _, out _);
        if (status == OperationStatus.InvalidData && _pendingCount > 1)
        {
            _window.RemoveAt(_window.Count - 1);
            _pendingCount--;
            GiveUpPending();
            AppendByte(token, value);
        }
        else if (status == OperationStatus.InvalidData)
        {
            GiveUpPending();
        }
        else if (status == OperationStatus.Done)
        {
            _pendingCount = 0;
        }
    }

    private void GiveUpPending()
    {
        if (_pendingCount > 0)
        {
            _window.RemoveRange(_window.Count - _pendingCount, _pendingCount);
            _window.Add("\uFFFD");
            _pendingCount = 0;
        }
    }

    private string NewText()
    {
        string text = TextOf(0, _window.Count - _pendingCount);
        string added = text.Length > _given ? text[_given..] : "";
        _given = Math.Max(_given, text.Length);
        if (_window.Count >= WindowLength && _pendingCount == 0)
        {
            // The bytes of a character stay together
            int cut = WindowLength / 2;
            while (cut < _window.Count && _byteFallback && ByteFallbackDecoder.TryGetByte(_window[cut], out byte value) && (value & 0xC0) == 0x80)
            {
                cut++;
            }

            _window.RemoveRange(0, cut);
            _given = TextOf(0, _window.Count).Length;
        }

        return added;
    }

    private string TextOf(int start, int end)
    {
        _work.Clear();
        _work.AddRange(_window.GetRange(start, end - start));
        if (_tokenizer.Pipeline.Decoder is not IDecoder decoder)
        {
            return string.Join(' ', _work);
        }

        decoder.Decode(_work);
        return string.Concat(_work);
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_characters.Length < most)
        {
            _characters = new char[most];
        }

        int written = _decoder.GetChars(bytes, _characters, flush);
        return written == 0 ? "" : new string(_characters, 0, written);
    }
}
