using System.Runtime.InteropServices;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using TorchSharp;

namespace Athanor.Training.Checkpoints;

/// <summary>Writes a trained model as a Hugging Face folder: weights, configuration, tokenizer and chat template.</summary>
internal static class ModelFolder
{
    public static void Write(string folder, ModelPlan plan, IReadOnlyDictionary<string, torch.Tensor> weights, Tokenizer tokenizer)
    {
        ChatTemplate template = ChatTemplate.For(tokenizer);
        CheckpointWriter.Write(folder, plan, name => Singles(weights[name]), new SpecialTokenIds(template.DocumentTokenId, template.StopTokenIds, template.DocumentTokenId));
        TokenizerFolder.Write(tokenizer, folder, plan.Spec.ContextLength);
    }

    private static float[] Singles(torch.Tensor weight)
    {
        using torch.Tensor host = weight.detach().to_type(torch.ScalarType.Float32).cpu().contiguous();
        return MemoryMarshal.Cast<byte, float>(host.bytes).ToArray();
    }
}
