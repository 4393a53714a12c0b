using Xunit.Sdk;
using Xunit.v3;

// One test at a time: libtorch uses all cores by itself, and a collection run by another test's thread may free TorchSharp's Scalar objects during a native call
[assembly: Parallelization(Mode = ParallelMode.None)]
