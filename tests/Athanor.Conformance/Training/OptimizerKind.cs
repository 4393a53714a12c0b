using System.Text.Json.Nodes;
using Athanor.Core.Files;
using Athanor.Training.Optimizers;
using TorchSharp;

namespace Athanor.Conformance.Training;

public sealed class OptimizerKind : IConformanceKind
{
    public string Kind => "optimizer";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32, Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using SafetensorsFile inputs = reference.OpenInputs();
        using DisposeScope scope = torch.NewDisposeScope();
        OptimizedParameter[] parameters =
        [
            .. inputs.Tensors.Keys.Where(name => name.StartsWith("p.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(name => new OptimizedParameter(name[2..], Tensors.Read(inputs, name, precision), Decays: true)),
        ];
        Dictionary<string, torch.Tensor> gradients = parameters.ToDictionary(parameter => parameter.Name, parameter => Tensors.Read(inputs, $"g.{parameter.Name}", precision));
        JsonObject hyper = reference.Parameters["hyper"]!.AsObject();
        double rate = hyper["lr"]?.GetValue<double>() ?? double.NaN;
        long every = reference.Parameters["report_every"]!.GetValue<long>();
        using Optimizer optimizer = Create(reference.Parameters["algorithm"]!.GetValue<string>(), hyper, parameters);
        for (long step = 1; step <= reference.Parameters["steps"]!.GetValue<long>(); step++)
        {
            optimizer.Step(gradients.ToDictionary(pair => pair.Key, pair => pair.Value[step - 1]), rate);
            if (step % every == 0)
            {
                foreach (OptimizedParameter parameter in parameters)
                {
                    results.Add($"step{step}.{parameter.Name}", parameter.Weight);
                }
            }
        }
    }

    internal static AdamSettings ReadAdam(JsonObject hyper, bool decoupled) => new()
    {
        Beta1 = hyper["betas"]![0]!.GetValue<double>(),
        Beta2 = hyper["betas"]![1]!.GetValue<double>(),
        Epsilon = hyper["eps"]!.GetValue<double>(),
        WeightDecay = Number(hyper, "weight_decay", 0),
        Decoupled = hyper["decoupled"]?.GetValue<bool>() ?? decoupled,
    };

    private static Optimizer Create(string algorithm, JsonObject hyper, OptimizedParameter[] parameters) => algorithm switch
    {
        "sgd" => new Sgd(parameters, new SgdSettings { Momentum = Number(hyper, "momentum", 0), Nesterov = Flag(hyper, "nesterov"), WeightDecay = Number(hyper, "weight_decay", 0) }),
        "adam" => new Adam(parameters, ReadAdam(hyper, decoupled: false)),
        "adamw" => new Adam(parameters, ReadAdam(hyper, decoupled: true)),
        "lion" => new Lion(parameters, new LionSettings { Beta1 = hyper["betas"]![0]!.GetValue<double>(), Beta2 = hyper["betas"]![1]!.GetValue<double>(), WeightDecay = Number(hyper, "weight_decay", 0) }),
        "muon" => new Muon(parameters, new MuonSettings
        {
            Momentum = Number(hyper, "momentum", 0),
            Nesterov = Flag(hyper, "nesterov"),
            NewtonSchulzSteps = hyper["ns_steps"]!.GetValue<int>(),
            WeightDecay = Number(hyper, "weight_decay", 0),
        }),
        "adafactor" => new Adafactor(parameters, new AdafactorSettings
        {
            RelativeStep = Flag(hyper, "relative_step"),
            DecayPower = hyper["decay_power"]!.GetValue<double>(),
            Epsilon1 = hyper["eps1"]!.GetValue<double>(),
            Epsilon2 = hyper["eps2"]!.GetValue<double>(),
            ClipThreshold = hyper["clip_threshold"]!.GetValue<double>(),
        }),
        _ => throw new InvalidDataException($"unknown optimizer {algorithm}"),
    };

    private static double Number(JsonObject hyper, string key, double absent) => hyper[key]?.GetValue<double>() ?? absent;

    private static bool Flag(JsonObject hyper, string key) => hyper[key]?.GetValue<bool>() ?? false;
}
