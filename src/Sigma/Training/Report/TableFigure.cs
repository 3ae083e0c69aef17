using System.Globalization;
using System.Xml.Linq;
using static Sigma.Training.Report.Html;

namespace Sigma.Training.Report;

/// <summary>Lays out a table; columns of numbers are set to the right, where digits stand under digits.</summary>
internal static class TableFigure
{
    /// <summary>The table under its title.</summary>
    public static IEnumerable<XElement> Section(ReportTable table)
    {
        var columns = table.Rows.Select(r => r.Count).Append(table.Header.Count).Max();
        var numeric = Enumerable.Range(0, columns).Select(c => IsNumeric(table, c)).ToArray();
        yield return Element("h2", table.Title);
        yield return Element("div", Class("wide"), Element("table",
            Element("thead", Element("tr", Enumerable.Range(0, columns).Select(c => Cell("th", "col", numeric[c], Text(table.Header, c))))),
            Element("tbody", table.Rows.Select(row => Element("tr", Enumerable.Range(0, columns).Select(c =>
                c == 0 ? Cell("th", "row", false, Text(row, c)) : Cell("td", null, numeric[c], Text(row, c))))))));
        if (table.Note is { } note)
            yield return Element("p", Class("note"), note);
    }

    private static XElement Cell(string name, string? scope, bool number, string text) => Element(name,
        scope is null ? null : Attribute("scope", scope), number ? Class("number") : null, text);

    private static string Text(IReadOnlyList<string> cells, int column) => column < cells.Count ? cells[column] : "";

    // "31.5 %", "+12.0", "50.1 ± 0.4", "–": what begins with a number is one, and an empty or dashed cell is none that spoils a column.
    private static bool IsNumeric(ReportTable table, int column)
    {
        if (column == 0)
            return false;
        var cells = table.Rows.Select(r => Text(r, column).Trim()).Where(t => t is not ("" or "-" or "–" or "—")).ToArray();
        return cells.Length > 0 && cells.All(t =>
            double.TryParse(t.Split(' ', '%', '±', '×')[0].Replace('−', '-'), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _));
    }
}
