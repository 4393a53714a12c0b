using System.CommandLine;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Torch.LanguageModels;

// One line a command. A command's Create touches nothing heavy: what it needs is loaded when it runs, so that --help stays instant.
RootCommand root = new("Athanor: the whole life of a large language model, from raw text to a chat model you trained yourself.")
{
    RunCommand.Create(),
    RecipeCommand.Create(),
    ChatCommand.Create(() => new TorchLanguageModelLoader()),
    GenerateCommand.Create(() => new TorchLanguageModelLoader()),
    EvalCommand.Create(() => new TorchLanguageModelLoader()),
    ModelCommand.Create(),
    TokenizerCommand.Create(),
    TraceCommand.Create(),
    DoctorCommand.Create(),
    BenchCommand.Create(),
};

return await CommandFrame.RunAsync(root, args);
