using Sigma.Recipes;

namespace Sigma.Tests.Recipes;

/// <summary>A folder of recipe files that goes away with the test.</summary>
internal sealed class RecipeFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sigma-recipes-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public string Write(string yaml, string name = "recipe.yaml")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], yaml);
        return this[name];
    }

    /// <summary>Loads a recipe with that text.</summary>
    public Recipe Load(string yaml, params string[] overrides) => Recipe.Load(Write(yaml), overrides);

    /// <summary>The problems of a recipe with that text, each as it is shown but without the folder.</summary>
    public string[] ProblemsOf(string yaml, params string[] overrides)
    {
        var e = Assert.Throws<RecipeException>(() => Load(yaml, overrides));
        return [.. e.Problems.Select(problem => problem.ToString().Replace(_folder.FullName + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The repository's folder of that name, found upwards from the test's own place.</summary>
    public static string InRepository(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sigma.slnx")))
                return Path.Combine(folder.FullName, name);
        }
        throw new DirectoryNotFoundException($"No Sigma.slnx above {AppContext.BaseDirectory}.");
    }
}
