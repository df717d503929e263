"""Blocks of a page that are generated: text between `<!-- results: NAME -->` and `<!-- end of results -->`."""

import re
from collections.abc import Iterable, Mapping, Sequence

BLOCK = re.compile(r"(<!-- results: ([\w-]+) -->\n).*?(<!-- end of results -->)", re.DOTALL)


def written(text: str, texts: Mapping[str, str]) -> str:
    """Return a page with its blocks replaced by these texts."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{texts[found[2]]}\n{found[3]}", text)


def table(columns: Sequence[str], rows: Iterable[Iterable[object]], text: int = 1) -> str:
    """Return a Markdown table whose first columns are text, and the others numbers."""
    lines = [columns, ["---"] * text + ["---:"] * (len(columns) - text), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)
