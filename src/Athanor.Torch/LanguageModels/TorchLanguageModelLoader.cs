using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Errors;
using Athanor.Models.Checkpoints;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Torch.Measuring;

namespace Athanor.Torch.LanguageModels;

/// <summary>Opens Hugging Face model folders with libtorch.</summary>
public sealed class TorchLanguageModelLoader : ILanguageModelLoader
{
    // what a training here notes beside its model
    private const string TrainingFile = "training.json";

    /// <inheritdoc/>
    /// <remarks>
    /// The process computes with the library of products that the model was trained with, where it is noted: what a model says then hangs on the model, and not on what
    /// the process did before.
    /// </remarks>
    public ILanguageModel Load(string folder)
    {
        Float32Products.Use(BackendOf(folder));
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        Tokenizer tokenizer = Tokenizer.Load(folder);
        return tokenizer.VocabularySize <= checkpoint.Spec.VocabularySize
            ? TorchLanguageModel.Load(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), checkpoint, tokenizer, template: ChatTemplate.Read(folder, tokenizer, checkpoint.SpecialTokens.Beginning, checkpoint.SpecialTokens.Ends, TimeProvider.System))
            : throw new AthanorException($"{folder}: the tokenizer has {tokenizer.VocabularySize} ids, but the model knows {checkpoint.Spec.VocabularySize}", "put the tokenizer.json beside the model that it was trained with");
    }

    private static ProductBackend BackendOf(string folder)
    {
        string path = Path.Combine(folder, TrainingFile);
        try
        {
            return File.Exists(path) && new FileInfo(path).Length < 1 << 26 && JsonNode.Parse(File.ReadAllText(path)) is JsonObject training
                && training["products"] is JsonObject products && Enum.TryParse((string?)products["backend"], out ProductBackend backend) && Enum.IsDefined(backend)
                ? backend
                : ProductBackend.Mkl;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return ProductBackend.Mkl;
        }
    }
}
