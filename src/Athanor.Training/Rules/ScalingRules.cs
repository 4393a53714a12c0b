using System.Globalization;

namespace Athanor.Training.Rules;

/// <summary>A value that a rule gave or the user set.</summary>
/// <param name="Rule">The rule's number, such as <c>R1</c>.</param>
/// <param name="Setting">The setting that overrides it.</param>
/// <param name="Value">The value, as it is printed.</param>
/// <param name="Source">Where the rule comes from; <c>set by the user</c> where it was overridden.</param>
public sealed record DerivedValue(string Rule, string Setting, string Value, string Source);

/// <summary>
/// The numbered rules by which one dial, the depth, gives the hyper-parameters of a pre-training. Each can be overridden; each is printed with its value and source, and kept in the artifact.
/// The anchor of R6 to R8 is the quickstart, measured for this product: 128 wide, 4 layers, 2.5·10¹³ FLOP.
/// </summary>
public sealed class ScalingRules
{
    /// <summary>The training FLOP at which batch and rates were measured.</summary>
    public const double AnchorFlop = 2.5e13;

    private const int AnchorBatchTokens = 1024;
    private const double AnchorRate = 5e-3;
    private const string User = "set by the user";

    private readonly List<DerivedValue> _derived = [];

    /// <summary>What was derived so far, in the order of asking.</summary>
    public IReadOnlyList<DerivedValue> Derived => _derived;

    /// <summary>R1: depth × min(128, 16 + 4·depth), rounded to whole heads of 64: 128 at 4 layers, GPT-2's 768 at 12, LLaMA-7B's 4,096 at 32.</summary>
    public int Width(int? chosen, int depth) => Note("R1", "width", chosen, () => Math.Max(64, (int)Math.Round(depth * Math.Min(128, 16 + (4.0 * depth)) / 64) * 64),
        "depth × min(128, 16 + 4·depth), the line through the quickstart (128, 4), GPT-2 (768, 12) and LLaMA-7B (4096, 32); loss depends little on the aspect ratio (Kaplan et al. 2020, section 3.2)");

    /// <summary>R2: heads of 64, or of 128 from a width of 2,048 on.</summary>
    public int Heads(int? chosen, int width) => Note("R2", "heads", chosen, () => Math.Max(1, width / (width < 2048 ? 64 : 128)), "heads of 64 (Vaswani et al. 2017), of 128 from a width of 2048 on (Touvron et al. 2023)");

    /// <summary>R3: as many as heads up to 8, then the largest divisor of the heads that is at most 8.</summary>
    public int KeyValueHeads(int? chosen, int heads) => Note("R3", "key_value_heads", chosen, () => Enumerable.Range(1, Math.Min(8, heads)).Last(count => heads % count == 0), "at most 8, a divisor of the heads (Ainslie et al. 2023, grouped queries)");

    /// <summary>R4: ⅔ · 4 · width, rounded to a multiple of 32.</summary>
    public int FeedForwardSize(int? chosen, int width) => Note("R4", "feed_forward_size", chosen, () => Math.Max(32, (int)Math.Round(8.0 * width / 3 / 32) * 32), "2/3 · 4 · width, so that three gated matrices cost what two plain ones do (Shazeer 2020, section 3)");

    /// <summary>R5: 20 tokens a parameter.</summary>
    public long TrainingTokens(long? chosen, double? flop, double flopPerToken, long parameters) => chosen is null && flop is { } budget
        ? Note("R5", "training_flop", (long)(budget / flopPerToken), () => 0L, "")
        : Note("R5", "training_tokens", chosen, () => 20 * parameters, "20 tokens a parameter (Hoffmann et al. 2022, table 3)");

    /// <summary>R6: 1,024 tokens at the anchor, growing with FLOP^0.3271, in whole rows.</summary>
    public int BatchRows(int? chosen, double flop, int contextLength) => Note("R6", "batch_rows", chosen, () => (int)Math.Max(1, Math.Round(AnchorBatchTokens * Math.Pow(flop / AnchorFlop, 0.3271) / contextLength)),
        "1,024 tokens at 2.5e13 FLOP (measured), growing with FLOP^0.3271 (DeepSeek-AI 2024, DeepSeek LLM, equation 1)");

    /// <summary>R7: 0.005 at the anchor, falling with FLOP^−0.125.</summary>
    public double MatrixLearningRate(double? chosen, double flop) => Note("R7", "matrix_learning_rate", chosen, () => Rate(flop),
        "5e-3 at 2.5e13 FLOP (measured), falling with FLOP^-0.125 (DeepSeek LLM, equation 1); Muon's update has Adam's size (Liu et al. 2025)");

    /// <summary>R8: the same rate for embedding, head and vectors.</summary>
    public double LearningRate(double? chosen, double flop) => Note("R8", "learning_rate", chosen, () => Rate(flop), "as R7: at equal size of update one rate serves both (Liu et al. 2025, section 2.2)");

    /// <summary>R9: one twentieth of the updates.</summary>
    public double WarmupShare(double? chosen) => Note("R9", "warmup_share", chosen, () => 0.05, "5 % of the updates (measured at the anchor)");

    /// <summary>R10: a straight line to 2 % of the rate.</summary>
    public double FinalShare(double? chosen) => Note("R10", "final_learning_rate_share", chosen, () => 0.02, "to 2 %, near zero (Bergsma et al. 2025, straight to zero)");

    /// <summary>Adds a value that another part decided.</summary>
    public void Add(DerivedValue value) => _derived.Add(value);

    private static double Rate(double flop)
    {
        double rate = AnchorRate * Math.Pow(flop / AnchorFlop, -0.125);
        // two digits are all that a rule knows
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rate)) - 1);
        return Math.Round(rate / unit) * unit;
    }

    private T Note<T>(string rule, string setting, T? chosen, Func<T> derive, string source)
        where T : struct, IFormattable
    {
        T value = chosen ?? derive();
        string text = value is double ? value.ToString("G6", CultureInfo.InvariantCulture) : value.ToString("N0", CultureInfo.InvariantCulture);
        _derived.Add(new DerivedValue(rule, setting, text, chosen is null ? source : User));
        return value;
    }
}
