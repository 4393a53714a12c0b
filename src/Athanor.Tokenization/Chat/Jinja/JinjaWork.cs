namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>What a rendering may spend: steps, one for each part of the template that is evaluated and each few letters or items that it makes; and depth.</summary>
internal sealed class JinjaWork
{
    /// <summary>Steps a rendering may take.</summary>
    public const long MaximumSteps = 5_000_000;

    /// <summary>Letters a rendering, and any one text in it, may have.</summary>
    public const int MaximumLength = 1 << 24;

    private const int MaximumDepth = 600;
    private const int LettersAStep = 16;

    private long _steps;
    private int _depth;

    /// <summary>Takes a step.</summary>
    public void Step()
    {
        if (++_steps > MaximumSteps)
        {
            throw JinjaFault.Of($"it did not end within {MaximumSteps:N0} steps");
        }
    }

    /// <summary>Pays for a text before it is made.</summary>
    public void Letters(long count)
    {
        if (count > MaximumLength)
        {
            throw JinjaFault.Of($"a text would have more than {MaximumLength:N0} characters");
        }

        Items(count / LettersAStep);
    }

    /// <summary>Pays for items before they are made.</summary>
    public void Items(long count)
    {
        _steps += Math.Min(count, MaximumSteps);
        Step();
    }

    public void Enter()
    {
        if (++_depth > MaximumDepth || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw JinjaFault.Of("calls or values are nested too deep");
        }
    }

    public void Leave() => _depth--;
}
