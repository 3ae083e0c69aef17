namespace Sigma.Cli;

/// <summary>The recipes that come with the program, so that <c>sigma pretrain demo</c> works from any folder.</summary>
internal static class ShippedRecipes
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "recipes");

    /// <summary>The file itself where there is one; else the shipped recipe of that name; else what was given.</summary>
    public static string Find(string recipe)
    {
        var shipped = Path.Combine(Folder, $"{Path.GetFileNameWithoutExtension(recipe)}.yaml");
        return !File.Exists(recipe) && recipe == Path.GetFileNameWithoutExtension(recipe) && File.Exists(shipped) ? shipped : recipe;
    }
}
