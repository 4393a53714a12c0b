using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>A matrix that is moved along its orthogonalised momentum.</summary>
internal unsafe struct OrthogonalisedMatrix
{
    public float* Weight;
    public float* Gradient;
    public float* Momentum;
    public int Rows;
    public int Columns;

    /// <summary>What the weight is multiplied by first (decay).</summary>
    public float Shrink;

    /// <summary>How far it moves along the orthogonalised momentum.</summary>
    public float Rate;
}

/// <summary>What an update by orthogonalised momentum works on.</summary>
internal unsafe struct OrthogonalisedArguments
{
    /// <summary>Columns of a panel: what a product's second factor is laid out in.</summary>
    public const int Panel = 32;

    public OrthogonalisedMatrix* Matrices;
    public float Momentum;
    public float GradientScale;
    public bool LooksAhead;
    public int Steps;

    /// <summary>Memory of a thread, <see cref="ScratchFor"/> numbers.</summary>
    public float* Scratch;

    public nint ScratchSize;

    /// <summary>Hands out work; 0 at the start.</summary>
    public int* Next;

    public int Count;

    public static int Padded(int size) => (size + Panel - 1) / Panel * Panel;

    /// <summary>The numbers a thread needs for a matrix.</summary>
    public static nint ScratchFor(int rows, int columns)
    {
        nint small = Padded(Math.Min(rows, columns));
        nint large = Padded(Math.Max(rows, columns));
        return (3 * small * large) + (3 * small * small);
    }
}

/// <summary>
/// One update of Muon (Jordan et al. 2024) a matrix: momentum, five steps X ← (a I + b A + c A²) X with A = X Xᵀ from X scaled to norm 1, and the step along the result. A matrix is one
/// item of work and stays in its thread's cache; A and its polynomial are symmetric, so half of each is computed.
/// </summary>
internal readonly unsafe struct Orthogonalised<TLanes, TVector>(OrthogonalisedArguments arguments) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Panel = OrthogonalisedArguments.Panel;
    private const float First = 3.4445f;
    private const float Third = -4.7750f;
    private const float Fifth = 2.0315f;

    public void Run(int from, int to, int thread)
    {
        float* scratch = arguments.Scratch + (thread * arguments.ScratchSize);
        for (int item = Interlocked.Increment(ref *arguments.Next) - 1; item < arguments.Count; item = Interlocked.Increment(ref *arguments.Next) - 1)
        {
            Update(arguments.Matrices[item], scratch);
        }
    }

    private void Update(in OrthogonalisedMatrix m, float* scratch)
    {
        int rows = OrthogonalisedArguments.Padded(Math.Min(m.Rows, m.Columns));
        int columns = OrthogonalisedArguments.Padded(Math.Max(m.Rows, m.Columns));
        nint size = (nint)rows * columns;
        nint square = (nint)rows * rows;
        float* x = scratch;
        float* y = x + size;
        float* panels = y + size;
        float* a = panels + size;
        float* polynomial = a + square;
        float* squarePanels = polynomial + square;
        new Span<float>(x, checked((int)size)).Clear();
        double squares = MoveMomentum(m, x, columns);
        Scale(x, size, (float)(1 / (Math.Sqrt(squares) + 1e-7)));
        for (int step = 0; step < arguments.Steps; step++)
        {
            PackTransposed(x, rows, columns, panels);
            Product(x, columns, panels, columns, rows, rows, a, rows, symmetric: true);
            Mirror(a, rows);
            Pack(a, rows, rows, squarePanels);
            Product(a, rows, squarePanels, rows, rows, rows, polynomial, rows, symmetric: true);
            Polynomial(polynomial, a, rows);
            Mirror(polynomial, rows);
            Pack(x, rows, columns, panels);
            Product(polynomial, rows, panels, rows, rows, columns, y, columns, symmetric: false);
            float* previous = x;
            x = y;
            y = previous;
        }

        MoveWeight(m, x, columns);
    }

    // the momentum, and from it what is orthogonalised, lying: never more rows than columns
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double MoveMomentum(in OrthogonalisedMatrix m, float* x, int stride)
    {
        bool standing = m.Rows > m.Columns;
        float decay = arguments.Momentum;
        float scale = arguments.GradientScale;
        double squares = 0;
        for (int row = 0; row < m.Rows; row++)
        {
            float* gradient = m.Gradient + ((nint)row * m.Columns);
            float* momentum = m.Momentum + ((nint)row * m.Columns);
            float rowSquares = 0;
            for (int column = 0; column < m.Columns; column++)
            {
                float g = gradient[column] * scale;
                float b = (momentum[column] * decay) + g;
                momentum[column] = b;
                float u = arguments.LooksAhead ? (b * decay) + g : b;
                rowSquares += u * u;
                x[standing ? ((nint)column * stride) + row : ((nint)row * stride) + column] = u;
            }

            squares += rowSquares;
        }

        return squares;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MoveWeight(in OrthogonalisedMatrix m, float* x, int stride)
    {
        bool standing = m.Rows > m.Columns;
        for (int row = 0; row < m.Rows; row++)
        {
            float* weight = m.Weight + ((nint)row * m.Columns);
            for (int column = 0; column < m.Columns; column++)
            {
                weight[column] = (weight[column] * m.Shrink) - (m.Rate * x[standing ? ((nint)column * stride) + row : ((nint)row * stride) + column]);
            }
        }
    }

    // sizes are whole panels, so there is never a rest
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* x, nint count, float factor)
    {
        TVector by = TLanes.Broadcast(factor);
        for (nint i = 0; i < count; i += TLanes.Count)
        {
            TLanes.Store(x + i, TLanes.Multiply(TLanes.Load(x + i), by));
        }
    }

    // c[i, j] = Σ a[i, k] b[k, j], b in panels; for a symmetric result only tiles that reach the diagonal or lie below it
    private static void Product(float* a, int aStride, float* panels, int depth, int rows, int columns, float* c, int cStride, bool symmetric)
    {
        for (int panel = 0; panel < columns; panel += Panel)
        {
            float* b = panels + ((nint)panel * depth);
            for (int row = symmetric ? panel : 0; row < rows; row += Tile<TLanes, TVector>.Rows)
            {
                for (int column = 0; column < Panel; column += Tile<TLanes, TVector>.Columns)
                {
                    Tile<TLanes, TVector>.Multiply(a + ((nint)row * aStride), aStride, 1, b + column, Panel, c + ((nint)row * cStride) + panel + column, cStride, depth, add: false);
                }
            }
        }
    }

    // polynomial = a I + b A + c A², below the diagonal
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Polynomial(float* squared, float* a, int size)
    {
        TVector third = TLanes.Broadcast(Third);
        TVector fifth = TLanes.Broadcast(Fifth);
        for (int row = 0; row < size; row++)
        {
            nint at = (nint)row * size;
            int end = (row + Panel) / Panel * Panel;
            for (int column = 0; column < end; column += TLanes.Count)
            {
                TLanes.Store(squared + at + column, TLanes.MultiplyAdd(TLanes.Load(squared + at + column), fifth, TLanes.Multiply(TLanes.Load(a + at + column), third)));
            }

            squared[at + row] += First;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mirror(float* c, int size)
    {
        for (int row = 0; row < size; row++)
        {
            float* of = c + row;
            float* to = c + ((nint)row * size);
            for (int column = (row / Panel * Panel) + Panel; column < size; column++)
            {
                to[column] = of[(nint)column * size];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* x, int rows, int columns, float* panels)
    {
        for (int panel = 0; panel < columns; panel += Panel)
        {
            float* to = panels + ((nint)panel * rows);
            for (int row = 0; row < rows; row++)
            {
                float* of = x + ((nint)row * columns) + panel;
                for (int column = 0; column < Panel; column += TLanes.Count)
                {
                    TLanes.Store(to + column, TLanes.Load(of + column));
                }

                to += Panel;
            }
        }
    }

    // panels of the transposed: a panel holds thirty-two rows of x, one column of x after the other
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(float* x, int rows, int columns, float* panels)
    {
        for (int panel = 0; panel < rows; panel += Panel)
        {
            float* to = panels + ((nint)panel * columns);
            for (int row = 0; row < Panel; row++)
            {
                float* of = x + ((nint)(panel + row) * columns);
                for (int column = 0; column < columns; column++)
                {
                    to[((nint)column * Panel) + row] = of[column];
                }
            }
        }
    }
}
