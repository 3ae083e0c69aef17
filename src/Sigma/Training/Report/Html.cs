using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Sigma.Training.Report;

/// <summary>Builds markup that reads the same as HTML and as XML.</summary>
internal static class Html
{
    // HTML closes these by itself; every other element needs its closing tag even when it is empty.
    private static readonly HashSet<string> Void = ["img", "link", "meta"];

    /// <summary>An element of strings (escaped), attributes, elements, or lists of elements; null is nothing.</summary>
    public static XElement Element(string name, params object?[] content)
    {
        var element = new XElement(name);
        foreach (var part in content)
            element.Add(part is string text ? Clean(text) : part);
        if (element.IsEmpty && !Void.Contains(name))
            element.Add("");
        return element;
    }

    /// <summary>An attribute, escaped.</summary>
    public static XAttribute Attribute(string name, string value) => new(name, Clean(value));

    /// <summary>A coordinate or length, to a tenth of a pixel.</summary>
    public static XAttribute Attribute(string name, double value) => new(name, Pixel(value));

    /// <summary>The class attribute.</summary>
    public static XAttribute Class(string names) => new("class", names);

    /// <summary>A coordinate to a tenth of a pixel.</summary>
    public static string Pixel(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>A number for reading, to four figures.</summary>
    public static string Number(double value) => Math.Abs(value) is 0 or (>= 1e-3 and < 1e6)
        ? ((decimal)value).ToString("G4", CultureInfo.InvariantCulture) is var text && !text.Contains('E', StringComparison.Ordinal)
            ? text
            : value.ToString("0", CultureInfo.InvariantCulture)
        : value.ToString("0.###e0", CultureInfo.InvariantCulture);

    // Control characters and halves of surrogate pairs have no way of being written, not even escaped.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text, i++, 2);
            else
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
        return clean.ToString();
    }
}
