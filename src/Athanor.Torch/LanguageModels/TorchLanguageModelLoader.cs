using Athanor.Core.Errors;
using Athanor.Models.Checkpoints;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;

namespace Athanor.Torch.LanguageModels;

/// <summary>Opens Hugging Face model folders with libtorch.</summary>
public sealed class TorchLanguageModelLoader : ILanguageModelLoader
{
    /// <inheritdoc/>
    public ILanguageModel Load(string folder)
    {
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        Tokenizer tokenizer = Tokenizer.Load(folder);
        return tokenizer.VocabularySize <= checkpoint.Spec.VocabularySize
            ? TorchLanguageModel.Load(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), checkpoint, tokenizer)
            : throw new AthanorException($"{folder}: the tokenizer has {tokenizer.VocabularySize} ids, but the model knows {checkpoint.Spec.VocabularySize}", "put the tokenizer.json beside the model that it was trained with");
    }
}
