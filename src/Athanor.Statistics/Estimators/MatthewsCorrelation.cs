namespace Athanor.Statistics.Estimators;

/// <summary>
/// The Matthews correlation of labels and predictions, from −1 to 1 and 0 at chance, for any number of classes (Gorodkin 2004; Matthews 1975 for two). It is
/// 0 where either side always says the same.
/// </summary>
public static class MatthewsCorrelation
{
    /// <summary>Computes it from one class number an item.</summary>
    public static double Of(ReadOnlySpan<int> labels, ReadOnlySpan<int> predictions)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(predictions.Length, labels.Length);
        Dictionary<int, (long Labelled, long Predicted)> classes = [];
        long right = 0;
        for (int at = 0; at < labels.Length; at++)
        {
            right += labels[at] == predictions[at] ? 1 : 0;
            (long labelled, long predicted) = classes.GetValueOrDefault(labels[at]);
            classes[labels[at]] = (labelled + 1, predicted);
            (labelled, predicted) = classes.GetValueOrDefault(predictions[at]);
            classes[predictions[at]] = (labelled, predicted + 1);
        }

        double count = labels.Length;
        double cross = classes.Values.Sum(pair => (double)pair.Labelled * pair.Predicted);
        double labelSquares = classes.Values.Sum(pair => (double)pair.Labelled * pair.Labelled);
        double predictionSquares = classes.Values.Sum(pair => (double)pair.Predicted * pair.Predicted);
        double spread = Math.Sqrt(((count * count) - labelSquares) * ((count * count) - predictionSquares));
        return spread == 0 ? 0 : ((count * right) - cross) / spread;
    }
}
