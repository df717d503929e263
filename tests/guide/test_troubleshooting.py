"""The page on problems: each sentence that it explains is really said by the program."""

import re
from pathlib import Path

import pytest

from tfstab import guide
from tfstab.guide.markdown import sections

ROOT = Path(__file__).parents[2]
QUOTED = [part.heading.title for part in sections(guide.read("troubleshooting")) if part.source.startswith("### `")]


@pytest.fixture(scope="module")
def said():
    """The program's source and the Makefile, with texts of several lines joined, and "…" for what is filled in."""
    paths = [ROOT / "Makefile", *ROOT.glob("tfstab/**/*.py"), *ROOT.glob("gui/**/*.py")]
    source = "\n".join(path.read_text("utf-8") for path in paths)
    return re.sub(r"\{[^{}\n]*\}", "…", re.sub(r'"\s*\n\s*f?"', "", source))


@pytest.mark.parametrize("sentence", QUOTED)
def test_the_program_says_what_the_page_explains(said, sentence):
    pieces = [re.escape(piece) for piece in sentence.split("…")]
    assert re.search(".{1,300}?".join(pieces), said), sentence
