"""Generated blocks of README and guide are what the program and the stored results give."""

import pytest
from make_guide import PAGES, ROOT, blocks
from page_blocks import written


@pytest.fixture(scope="module")
def texts():
    """The blocks by their names."""
    return blocks()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_hold_what_is_generated(page, texts):
    """If this fails after a change that is meant, write them again: `make guide`."""
    text = page.read_text("utf-8")
    assert written(text, texts) == text


def test_every_block_has_a_place(texts):
    pages = "".join(page.read_text("utf-8") for page in PAGES)
    assert not [name for name in texts if f"<!-- results: {name} -->" not in pages]
