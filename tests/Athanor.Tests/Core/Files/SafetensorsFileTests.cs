using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Xunit;

namespace Athanor.Tests.Core.Files;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["x.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        SafetensorsFile.Write(
            Path,
            [
                TensorToWrite.Singles("a", [2, 3], () => new float[] { 1, 2, 3, 4, 5, float.NegativeInfinity }),
                TensorToWrite.Integers("ids", [2], () => new long[] { long.MaxValue, -1 }),
                new TensorToWrite("half", TensorType.F16, [1], stream => stream.Write(BitConverter.GetBytes((Half)1.5f))),
                new TensorToWrite("brain", TensorType.BF16, [2], stream => stream.Write([0x80, 0x3f, 0x00, 0xc0])),
                new TensorToWrite("scalar", TensorType.F64, [], stream => stream.Write(BitConverter.GetBytes(Math.PI))),
                new TensorToWrite("empty", TensorType.F32, [0, 4], _ => { }),
            ],
            new Dictionary<string, string> { ["format"] = "pt" });
        using SafetensorsFile file = SafetensorsFile.Open(Path);
        Assert.Equal([1, 2, 3, 4, 5, float.NegativeInfinity], file.ReadSingles("a"));
        Assert.Equal([2, 3], file.Tensors["a"].Shape);
        Assert.Equal([long.MaxValue, -1], file.ReadIntegers("ids"));
        Assert.Equal([1.5f], file.ReadSingles("half"));
        Assert.Equal([1f, -2f], file.ReadSingles("brain"));
        Assert.Equal([Math.PI], file.ReadDoubles("scalar"));
        Assert.Empty(file.ReadSingles("empty"));
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4)] // too short for its shape
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)] // overlap
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)] // gap
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8)] // bytes left over
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0)] // overflow
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,-4]}}""", 0)]
    [InlineData("""{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}""", 1)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8)]
    [InlineData("""{"a":{}}""", 0)]
    [InlineData("[]", 0)]
    [InlineData("", 0)]
    public void A_header_that_contradicts_itself_or_the_file_is_refused(string header, int bytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(Path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[bytes]]);
        AthanorException fault = Assert.Throws<AthanorException>(() => SafetensorsFile.Open(Path));
        Assert.Contains(Path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_larger_than_the_file_takes_no_memory()
    {
        File.WriteAllBytes(Path, [.. BitConverter.GetBytes(99_000_000L), .. "{}"u8.ToArray()]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<AthanorException>(() => SafetensorsFile.Open(Path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_missing_file_is_one_clear_error() => Assert.Contains("does not exist", Assert.Throws<AthanorException>(() => SafetensorsFile.Open(Path)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else()
    {
        SafetensorsFile.Write(Path, [TensorToWrite.Singles("a", [2, 2], () => new float[4]), TensorToWrite.Integers("b", [3], () => new long[3])], new Dictionary<string, string> { ["k"] = "v" });
        byte[] original = File.ReadAllBytes(Path);
        int refused = 0;
        foreach (byte[] mutated in Mutation.Of(original, 400, "safetensors"))
        {
            File.WriteAllBytes(Path, mutated);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(Path);
                foreach (TensorEntry tensor in file.Tensors.Values)
                {
                    _ = tensor.Type is TensorType.F16 or TensorType.BF16 or TensorType.F32 or TensorType.F64 ? file.ReadDoubles(tensor.Name).Length : file.ReadIntegers(tensor.Name).Length;
                }
            }
            catch (AthanorException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 400);
    }
}
