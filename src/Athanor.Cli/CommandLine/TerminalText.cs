using System.Text;

namespace Athanor.Cli.CommandLine;

/// <summary>Text from outside (a model's answer, a file) on a terminal.</summary>
internal static class TerminalText
{
    /// <summary>The text without control characters, which could move the cursor or change the terminal; line ends and tabs stay.</summary>
    public static string Safe(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        StringBuilder safe = new(text);
        for (int i = 0; i < safe.Length; i++)
        {
            if (IsControl(safe[i]))
            {
                safe[i] = '\uFFFD';
            }
        }

        return safe.ToString();
    }

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');
}
