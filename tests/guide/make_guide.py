"""Write the generated blocks of README.md and of the guide's pages: from the program, and from stored results.

    make guide        # PYTHONPATH=tests python -m guide.make_guide

A block stands between the lines `<!-- results: NAME -->` and `<!-- end of results -->`; text outside is left alone.
Blocks of the paper's results come from `tests/benchmarks/paper_tables.py`, those of the reference from
`program_blocks.py`.
"""

from pathlib import Path

from benchmarks import paper_tables
from benchmarks.page_blocks import BLOCK, written
from guide import program_blocks

from tfstab.experiments.stored import stored_results

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "resources" / "guide").rglob("*.md")))
    if BLOCK.search(page.read_text("utf-8"))
]


def blocks():
    """Return the text of each block by its name."""
    return paper_tables.blocks(stored_results()) | program_blocks.blocks()


def main():
    """Rewrite the pages."""
    texts = blocks()
    for page in PAGES:
        before = page.read_text("utf-8")
        after = written(before, texts)
        page.write_text(after, "utf-8")
        print(f"{page.relative_to(ROOT)}: {len(BLOCK.findall(before))} blocks, {'un' * (after == before)}changed")


if __name__ == "__main__":
    main()
