using Sigma.Training.Report;

namespace Sigma.Board;

/// <summary>The page's style and script, which travel in the program.</summary>
internal static class Assets
{
    /// <summary>The style of the reports, and what the board has besides.</summary>
    public static readonly string Style = ReportStyle.Css + Read("board.css");

    /// <summary>The script.</summary>
    public static readonly string Script = Read("board.js");

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Assets).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
