"""Write the generated blocks and numbers of README.md and of the guide's pages, from the program and stored results.

    make guide        # python tests/guide/make_guide.py

A block stands between the lines `<!-- results: NAME -->` and `<!-- end of results -->`; text outside is left alone, but
for the numbers of degradations, engines and remedies in README.md.
"""

import re
from pathlib import Path

import install_blocks
import network_blocks
import paper_blocks
import program_blocks
from page_blocks import BLOCK, written

from tfstab.degradations import BUILT_IN
from tfstab.experiments.stored import stored_results
from tfstab.search.engines import engine_names
from tfstab.training.remedies import REMEDIES

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "resources" / "guide").rglob("*.md")))
    if BLOCK.search(page.read_text("utf-8"))
]


# What follows a number in README.md, or stands before and after it, and what is counted. Other pages give no numbers.
COUNTED = {
    r"\d+(?= kinds of image degradation)": BUILT_IN,
    r"(?<=\| degradations \| )\d+(?=, and your own)": BUILT_IN,
    r"\d+(?= engines; L2, L1, Linf, L0)": engine_names(),
    r"\d+(?= remedies by training)": REMEDIES,
}


def counted(readme):
    """Return the text of README.md with the numbers of today's degradations, engines and remedies."""
    for number, things in COUNTED.items():
        readme, found = re.subn(number, str(len(things)), readme)
        assert found == 1, f"README.md has {found} numbers like {number}"
    return readme


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
        after = counted(after) if page.name == "README.md" else after
        page.write_text(after, "utf-8")
        print(f"{page.relative_to(ROOT)}: {len(BLOCK.findall(before))} blocks, {'un' * (after == before)}changed")


if __name__ == "__main__":
    main()
