"""Write the generated blocks of README.md and of the guide's pages: from the program, and from stored results.

    make guide        # python tests/guide/make_guide.py

A block stands between the lines `<!-- results: NAME -->` and `<!-- end of results -->`; text outside is left alone.
"""

from pathlib import Path

import install_blocks
import network_blocks
import paper_blocks
import program_blocks
from page_blocks import BLOCK, written

from tfstab.experiments.stored import stored_results

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "resources" / "guide").rglob("*.md")))
    if BLOCK.search(page.read_text("utf-8"))
]


def blocks():
    """Return the text of each block by its name."""
    paper = paper_blocks.blocks(stored_results())
    return paper | network_blocks.blocks() | program_blocks.blocks() | install_blocks.blocks()


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
