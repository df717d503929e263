"""Tables in LaTeX."""

from collections.abc import Sequence

_LATEX = str.maketrans({
    # In braces, because LaTeX takes a bracket or star at the start of a row for an option of the line break before it.
    **{c: f"\\{c}" for c in "&%$#_{}"}, **{c: f"{{{c}}}" for c in "[]*"},
    "`": r"\textasciigrave{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}", "–": "--", "×": r"$\times$", "→": r"$\rightarrow$", "±": r"$\pm$",
    "<": r"\textless{}", ">": r"\textgreater{}",
})  # fmt: skip


def latex_text(text: str) -> str:
    """Return a text with LaTeX's special characters escaped."""
    return "-{}-".join(part.translate(_LATEX) for part in text.split("--"))  # two hyphens would be a dash


def latex_table(
    caption: str, label: str | None, aligned: str, cells: Sequence[Sequence[str]], notes: Sequence[str]
) -> str:
    """Return a LaTeX `table`, which needs the package booktabs.

    Parameters
    ----------
    caption : str
        The caption, not escaped yet, as are cells and notes.
    label : str or None
        The label to refer to.
    aligned : str
        A letter for each column: "l" or "r".
    cells : sequence of sequences of str
        The names of the columns, then the rows.
    notes : sequence of str
        Sentences below the table.
    """
    lines = [" & ".join(map(latex_text, row)) + r" \\" for row in cells]
    head = [r"\begin{table}", r"\centering", rf"\caption{{{latex_text(caption)}}}"]
    head += [] if label is None else [rf"\label{{{label}}}"]
    body = [rf"\begin{{tabular}}{{{aligned}}}", r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    below = [r"\par\smallskip{\footnotesize " + latex_text(note) + "}" for note in notes]
    return "\n".join([*head, *body, r"\end{tabular}", *below, r"\end{table}", ""])
