namespace Athanor.Core.Errors;

/// <summary>
/// A fault that the user can mend: a wrong recipe, a broken file, a full disk. The command line prints it as two lines and exits with code 2;
/// any other exception is a bug.
/// </summary>
public sealed class AthanorException : Exception
{
    /// <summary>Creates the fault.</summary>
    /// <param name="fault">One line that names the place (file, line, key) and what is wrong there.</param>
    /// <param name="cure">One line that says what to do.</param>
    /// <param name="inner">The exception behind it, if any.</param>
    public AthanorException(string fault, string cure, Exception? inner = null)
        : base(fault, inner)
    {
        Cure = cure;
    }

    /// <summary>What to do about it, one line.</summary>
    public string Cure { get; }
}
