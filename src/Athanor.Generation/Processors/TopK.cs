namespace Athanor.Generation.Processors;

/// <summary>Keeps the k highest logits (Fan, Lewis and Dauphin 2018); ties with the k-th are kept.</summary>
/// <param name="k">At least 1; more than the vocabulary holds keeps all.</param>
public sealed class TopK(int k) : ILogitsProcessor
{
    private readonly int _k = k > 0 ? k : throw new ArgumentOutOfRangeException(nameof(k));
    private float[] _heap = [];

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        if (_k >= logits.Length)
        {
            return;
        }

        if (_heap.Length < _k)
        {
            _heap = new float[_k];
        }

        LogitsMath.RemoveBelow(logits, KthLargest(logits));
    }

    // a heap of the k largest seen so far with the smallest on top: one pass, and most logits cost one comparison
    private float KthLargest(ReadOnlySpan<float> logits)
    {
        Span<float> heap = _heap.AsSpan(0, _k);
        logits[.._k].CopyTo(heap);
        for (int parent = (_k / 2) - 1; parent >= 0; parent--)
        {
            SiftDown(heap, parent);
        }

        foreach (float logit in logits[_k..])
        {
            if (logit > heap[0])
            {
                heap[0] = logit;
                SiftDown(heap, 0);
            }
        }

        return heap[0];
    }

    private static void SiftDown(Span<float> heap, int parent)
    {
        float value = heap[parent];
        for (int child = (2 * parent) + 1; child < heap.Length; child = (2 * parent) + 1)
        {
            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= value)
            {
                break;
            }

            heap[parent] = heap[child];
            parent = child;
        }

        heap[parent] = value;
    }
}
