using Sigma.Recipes;

namespace Sigma.Cli;

/// <summary>The recipes that come with the program, so that <c>sigma pretrain demo</c> works from any folder.</summary>
internal static class ShippedRecipes
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "recipes");

    /// <summary>The file itself where there is one, or one much like it; else the shipped recipe of that name.</summary>
    /// <exception cref="BadInputException">There is neither.</exception>
    public static string Find(string recipe)
    {
        if (File.Exists(recipe))
            return recipe;
        var name = Path.GetFileNameWithoutExtension(recipe);
        var shipped = Path.Combine(Folder, $"{name}.yaml");
        if (recipe == name && File.Exists(shipped))
            return shipped;
        // A file beside the one that is missing may be meant: who reads recipes names it.
        var folder = Path.GetDirectoryName(Path.GetFullPath(recipe))!;
        if (recipe != name && Directory.Exists(folder) && NearestWord.To(Path.GetFileName(recipe), Directory.EnumerateFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)!)) is not null)
            return recipe;
        var known = Directory.EnumerateFiles(Folder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal).ToList();
        throw new BadInputException($"{recipe}: there is no such recipe; " + (NearestWord.To(name, known) is { } near
            ? $"{near} comes with the program and is called by its name alone"
            : $"give a YAML file, or one of those that come with the program: {string.Join(", ", known)}"));
    }
}
