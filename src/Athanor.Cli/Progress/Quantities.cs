using System.Globalization;

namespace Athanor.Cli.Progress;

/// <summary>Numbers as people read them.</summary>
internal static class Quantities
{
    public static string Duration(TimeSpan time)
        => time.TotalSeconds < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
            : time.TotalSeconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s")
            : time.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min");

    public static string Bytes(double bytes)
        => bytes < 1024 ? string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B")
            : bytes < 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 10):0.0} KiB")
            : bytes < 1 << 30 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):0} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 30):0.0} GiB");

    public static string Count(double count)
        => count < 10_000 ? string.Create(CultureInfo.InvariantCulture, $"{count:0.#}")
            : count < 1e6 ? string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0.#} k")
            : count < 1e9 ? string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.00} M")
            : string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.00} G");
}
