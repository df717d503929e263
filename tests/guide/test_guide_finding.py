"""Which places of the guide are found for words, in which order, and what is shown of them, in a guide made up."""

import pytest

from tfstab.guide import finding
from tfstab.guide.finding import find, near
from tfstab.guide.markdown import sections
from tfstab.guide.pages import Page

WORDS = " ".join(f"w{k:02d}" for k in range(100))  # each begins at four times its number
PAGES = {
    "sound": "# Noise\n\nOf sound.\n\n## Noise\n\nHere.\n\n## Louder noises\n\nThere.\n",
    "noise": "# How it hisses\n\nAlways.\n\n## Other\n\nAn anoise, and then a noise.\n\n## Anoise\n\nOne anoise.\n",
    "signals": "# Noise and signals\n\nBoth.\n\n## Better ones\n\nA more stable signal.\n",
    "hissing": "# Sounds\n\nAll.\n\n## Of a cat\n\nIt will hiss at you.\n",
    "glossary": "# Terms\n\n## pink noise\n\nIts level falls.\n\n## noise\n\nSee there.\n\n## White\n\nAll (NOISE).\n",
    "long": f"# Long\n\n## Words\n\n{WORDS}\n\n## Late\n\nw00 {'x ' * 100}w01\n\n## One word\n\nw99{'y' * 300}\n",
    "last": "# Noise\n\nAs well.\n",
    "prints": "# Outputs\n\n```text\nhush, Pixelation\n```\n\n## Told\n\nThe hush.\n\n```text\nhush\n```\n",
    "degradations": "# Kinds\n\n## pixelate\n\nA mean.\n",
}


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    """The guide has these pages alone."""
    made = tuple(Page(topic, "", "", "", f"{topic}.md") for topic in PAGES)
    monkeypatch.setattr(finding, "pages", lambda: made)
    monkeypatch.setattr(finding, "read", PAGES.get)
    finding._entries.cache_clear()
    yield
    finding._entries.cache_clear()


def found(words):
    return [(place.page.topic, place.anchor) for place in find(words)]


def test_pages_then_terms_then_headings_then_what_has_the_words():
    assert found("noise") == [
        ("sound", ""), ("noise", ""), ("last", ""),  # titled so, or with this topic
        ("glossary", "noise"), ("sound", "noise-1"),
        ("glossary", "white"),  # its abbreviation
        ("signals", ""), ("glossary", "pink-noise"), ("sound", "louder-noises"), ("noise", "other"),
    ]  # fmt: skip
    assert found("pink noise level") == [("glossary", "pink-noise")] == found("the Level of PINK_noise")
    assert found("hiss") == [("noise", ""), ("hissing", ""), ("hissing", "of-a-cat")]


def test_what_a_command_prints_comes_last_and_a_degradation_is_found_under_its_title():
    assert found("hush") == [("prints", "told"), ("prints", "")]
    assert [place.excerpt for place in find("hush")] == ["The hush. hush", "hush, Pixelation"]
    assert found("pixelation") == [("degradations", "pixelate"), ("prints", "")] and len(found("Pixelat")) == 2
    assert found("pixelation mean") == found("pixelate") == [("degradations", "pixelate")]


def test_words_may_have_synonyms_and_none_is_left_out_if_all_are_fillers():
    assert found("better signal") == [("signals", "better-ones")]
    assert found("improve my signal") == [("signals", "better-ones")]
    assert found("of a") == [("hissing", "of-a-cat")] and found(" ") == []


@pytest.mark.parametrize(
    ("words", "begin", "end"),
    [("w19", 0, 159), ("w20", 40, 199), ("w50", 160, 319), ("w90", 320, 399), ("w69", 236, 395)],
)
def test_of_a_long_text_whole_words_around_the_first_found_are_shown(words, begin, end):
    place = next(place for place in find(words) if place.anchor == "words")
    assert place.excerpt == f"{'... ' * (begin > 0)}{WORDS[begin:end]}{' ...' * (end < 399)}"


def test_the_first_of_several_words_decides_and_a_word_without_end_is_cut():
    first, second = find("w00 w01")
    assert first.excerpt.startswith("w00 w01 w02") and second.excerpt.startswith("w00 x x")
    cut = next(place for place in find("w99") if place.anchor == "one-word")
    assert cut.excerpt == "w99" + 157 * "y" + " ..."


@pytest.mark.parametrize(("length", "more"), [(160, ""), (161, " ...")])
def test_what_fits_is_shown_whole(monkeypatch, length, more):
    monkeypatch.setitem(PAGES, "long", f"# Long\n\n{'word ' * 31}{'z' * (length - 155)}\n")
    [place] = find("long")
    assert place.excerpt == ("word " * 31).rstrip() + (more or " zzzzz")


def test_topics_and_terms_that_are_spelt_nearly_so(monkeypatch):
    terms = "".join(f"## kind {k}\n\nText.\n\n" for k in range(6))
    monkeypatch.setitem(PAGES, "glossary", f"# Glossary\n\n## Abcde\n\nText.\n\n{terms}")
    assert near("ABCxy") == ["Abcde"] and near("abwxy") == []  # three and two letters of five
    assert len(near("kind")) == 5 and near("sonud") == ["sound"]
    assert near("louder noises") == [] and near("glossry") == ["glossary"]


def test_quoted_headings_begin_no_section_and_each_anchor_is_used_once():
    text = "# A\n\n> # quoted\n\none\n\n    two\n\n## A-1\n\n## A\n\nthree\\\nfour\n"
    made = sections(text)
    assert [(one.heading.title, one.heading.anchor) for one in made] == [("A", "a"), ("A-1", "a-1"), ("A", "a-2")]
    assert [one.text for one in made] == ["quoted\none\ntwo", "", "three four"]
    assert made[0].source + made[1].source + made[2].source == text
