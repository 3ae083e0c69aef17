namespace Sigma.Training.Report;

/// <summary>The look of the page: light and dark, wide, narrow and printed.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet. It has none of the characters that HTML and XML read differently in a style element.</summary>
    public const string Css = """

        :root { color-scheme: light dark; --ground: #ffffff; --text: #1c1f24; --muted: #5c6470; --rule: #dfe3e8; --panel: #f6f7f9;
          --curve: #1d5fa8; --reference: #a8500d; --good: #17703a; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ground: #15181c; --text: #e4e7eb; --muted: #9aa4b1; --rule: #2e343c; --panel: #1d2127;
          --curve: #74aef2; --reference: #e5a566; --good: #63c68a; --bad: #f28b82; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--text);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif; }
        h1 { margin: 0 0 .75rem; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em; }
        h2 { margin: 3rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); font-size: 1.25rem; }
        h3 { margin: 1.75rem 0 0; font-size: 1rem; }
        h1, h2, h3, p, dd, figcaption { overflow-wrap: anywhere; }
        p { margin: .4rem 0; max-width: 46rem; }
        .summary { font-size: 1.0625rem; }
        .note, .number, dt { color: var(--muted); font-size: .875rem; }
        .good { color: var(--good); }
        .bad { color: var(--bad); }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: .75rem 1.5rem; margin: 0;
          padding: 1rem 1.25rem; background: var(--panel); border-radius: .5rem; }
        dt, dd { margin: 0; }
        dd, td, .ends, .card { font-variant-numeric: tabular-nums; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; min-width: 50%; margin: .25rem 0; }
        th, td { padding: .4rem 1.5rem .4rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: baseline; }
        thead th { color: var(--muted); font-size: .875rem; font-weight: 600; }
        tbody th { font-weight: 500; }
        th.number, td.number { text-align: right; white-space: nowrap; font-size: inherit; color: inherit; }
        thead th.number { color: var(--muted); font-size: .875rem; }
        th:last-child, td:last-child { padding-right: 0; }
        figure { margin: 0; break-inside: avoid; }
        .curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 2rem 2rem; }
        .curve figcaption { display: flex; flex-wrap: wrap; gap: 0 .4rem; align-items: baseline; margin-bottom: .35rem; }
        .ends { margin-left: auto; color: var(--muted); font-size: .875rem; }
        .chart { display: block; width: 100%; height: auto; }
        .chart text { font-size: 12px; font-variant-numeric: tabular-nums; }
        .tick { fill: var(--muted); }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .axis { stroke: var(--muted); stroke-width: 1; }
        .dots { fill: none; stroke: var(--curve); stroke-width: 2.4; stroke-linecap: round; opacity: .35; }
        .marks { fill: none; stroke: var(--curve); stroke-width: 6; stroke-linecap: round; }
        .reach { fill: none; stroke: var(--curve); stroke-width: 1.6; stroke-linecap: round; opacity: .3; }
        .line { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .crosses { fill: none; stroke: var(--bad); stroke-width: 1.5; }
        .reference { stroke: var(--reference); stroke-width: 1.5; stroke-dasharray: 5 4; }
        .reference-name { fill: var(--reference); stroke: var(--ground); stroke-width: 3px; paint-order: stroke; }
        .hover { fill: var(--text); fill-opacity: 0; }
        .hover:hover { fill-opacity: .12; }
        img { display: block; width: 100%; height: auto; image-rendering: pixelated; }
        .clip { margin-top: 1.5rem; }
        .frames { display: grid; grid-template-columns: repeat(8, 1fr); gap: .375rem; margin-top: .35rem; }
        .frames img + img { margin-top: .25rem; }
        .number { font-size: .75rem; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 11.5rem), 1fr)); gap: 1rem; margin-top: .5rem; }
        .card { padding: .5rem; border: 2px solid var(--rule); border-radius: .4rem; font-size: .875rem; line-height: 1.4; }
        .card.query { background: var(--panel); }
        .card.right { border-color: var(--good); }
        .card.wrong { border-color: var(--bad); border-style: dashed; }
        .card figcaption { margin-top: .4rem; }
        .card figcaption strong, .card figcaption span { display: block; }
        .few { display: grid; grid-template-columns: repeat(4, 1fr); gap: 2px; }
        .neighbours { break-inside: avoid; }
        @media (max-width: 40rem) { body { padding-top: 1.25rem; } .frames { grid-template-columns: repeat(4, 1fr); }
          .cards { grid-template-columns: repeat(2, 1fr); } th, td { padding-right: .9rem; } }
        @media print { :root { --ground: #ffffff; --text: #000000; --muted: #444444; --rule: #bbbbbb; --panel: #ffffff; --curve: #1d5fa8;
          --reference: #a8500d; --good: #17703a; --bad: #b3261e; } body { max-width: none; padding: 0; font-size: 10pt; }
          h2, h3 { break-after: avoid; } .wide { overflow: visible; } .curves { grid-template-columns: 1fr 1fr; } }

        """;
}
