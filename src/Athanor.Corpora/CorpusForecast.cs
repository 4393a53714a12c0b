using Athanor.Core.Forecasts;
using Athanor.Corpora.Sources;

namespace Athanor.Corpora;

/// <summary>What a corpus will cost and how large it will be. The rates were measured on whole runs and hold for text like theirs; <c>athanor bench plan</c> shows how well.</summary>
internal static class CorpusForecast
{
    // documentation: documents a byte of XML, and what each document and its conversations come to
    private const double DocumentsPerXmlByte = 1.114e-4;
    private const double BytesPerDocument = 1_830;
    private const double ConversationsPerDocument = 10.9;
    private const double BytesPerConversation = 112;
    private const double KeptByFilters = 0.975;

    // generated conversations: chain, operation episode, last letters, coin flip, date, small talk, dialogue
    private const double ChainBytes = 68, OperationBytes = 54, LetterBytes = 77, CoinBytes = 142, DateBytes = 96, DialogueBytes = 266;

    // of all conversations of a kind, one in eleven is held out; of documents one in seventeen in each of two splits
    private const double AllPerTraining = 1.1;
    private const double HeldOutShare = 0.06;

    public static StageForecast Of(BuildCorpusSettings settings, bool problems, ForecastContext context)
    {
        (double documents, double text, double running, double reading, int parts) = settings.Path is null ? Documentation(settings) : UserText(settings);
        if (settings.Path is null)
        {
            documents += AllPerTraining * settings.SmallTalk;
            text += AllPerTraining * settings.SmallTalk * BytesPerConversation;
        }

        if (problems)
        {
            documents += AllPerTraining * (settings.Chains + settings.Operations + settings.LastLetters + settings.CoinFlips + settings.Dates);
            text += AllPerTraining * ((settings.Chains * ChainBytes) + (settings.Operations * OperationBytes) + (settings.LastLetters * LetterBytes) + (settings.CoinFlips * CoinBytes) + (settings.Dates * DateBytes));
            parts += 5;
        }

        if (parts > 1)
        {
            documents += AllPerTraining * settings.Dialogues;
            text += AllPerTraining * settings.Dialogues * DialogueBytes;
            parts++;
        }

        return new StageForecast
        {
            Seconds = context.TextSeconds(reading + (2.6e-7 * text)),
            PeakMemoryBytes = ForecastContext.EmptyProcessBytes + (settings.Path is null ? 260L << 20 : 0) + (long)(4.5 * text),
            DiskBytes = (long)((settings.Path is null ? 0.262 : 0.19) * text),
            Output = new ArtifactForecast
            {
                TextBytes = (long)text,
                Documents = (long)documents,
                Parts = parts,
                ProblemsPerTask = problems ? settings.HeldOutProblems : 0,
                HeldOutBytes = (long)(HeldOutShare * running),
            },
        };
    }

    private static (double Documents, double Text, double Running, double Seconds, int Parts) Documentation(BuildCorpusSettings settings)
    {
        double xml = SdkDocumentationSource.Find().Files.Sum(file => new FileInfo(file).Length);
        double documents = settings.LargestDocuments == 0 ? xml * DocumentsPerXmlByte : Math.Min(xml * DocumentsPerXmlByte, KeptByFilters * settings.LargestDocuments);
        return (documents * (1 + ConversationsPerDocument), documents * (BytesPerDocument + (ConversationsPerDocument * BytesPerConversation)), documents * BytesPerDocument, 4.2e-8 * xml, 2);
    }

    // compressed files and Parquet hold about three times their length
    private static (double Documents, double Text, double Running, double Seconds, int Parts) UserText(BuildCorpusSettings settings)
    {
        double text = new UserTextSource(settings.Path!, settings.TextField).Files.Sum(file =>
            new FileInfo(file).Length * (file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? 3.0 : 1.0));
        return (text / BytesPerDocument, text, text, 0.2, 1);
    }
}
