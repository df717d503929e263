"""`tfstab guide`: contents, pages, terms, headings and words in the terminal."""

import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tfstab import guide
from tfstab.cli.app import app
from tfstab.degradations import BUILT_IN
from tfstab.errors import InputError
from tfstab.glossary import terms
from tfstab.guide.markdown import sections, whole_section
from tfstab.guide.terminal import drawn_page


def shown(*words):
    result = CliRunner().invoke(app, ["guide", *words])
    if result.exception:
        raise result.exception
    return result.stdout


def drawn(text, page="numbers"):
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(drawn_page(guide.get_page(page), text))
    return captured.get()


def test_without_a_topic_all_pages_are_listed():
    text = " ".join(shown().split())
    for page in guide.pages():
        assert f"{page.topic} {page.title}: " in text
    assert shown("index") == shown() and "Begin here" in text and max(map(len, shown().splitlines())) <= 122


def test_a_topic_a_title_a_term_and_a_heading_show_what_they_name():
    page = shown("search")
    assert page.startswith("How the search works\n════") and page == shown("How", "the", "search", "works")
    entry = shown("certified", "radius")
    assert entry.startswith("certified radius\n────") and entry.rstrip().endswith("Glossary: tfstab guide glossary")
    assert " ".join(terms()["certified radius"].split()) in " ".join(entry.split())
    assert "clean accuracy" not in entry  # the next one
    title = sections(guide.read("claims"))[1].heading.title
    section = shown(title)
    assert section.startswith(title) and section.rstrip().endswith("The paper's claims: tfstab guide claims")


def test_a_page_with_the_name_of_a_term_comes_after_the_term():
    entry, page = shown("precision").split("From the page Glossary")
    assert entry.startswith("precision\n────") and " ".join(terms()["precision"].split()) in " ".join(entry.split())
    assert "\nGet more precision in the time that you have\n════" in page


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "occlusion"])  # that is a term, too
def test_the_title_of_a_degradation_shows_its_definition(name):
    assert shown(BUILT_IN[name].title).startswith(f"{name}\n")


def test_a_path_as_in_a_link_shows_its_page():
    page = shown("compare-networks")
    for path in ("how-to/compare-networks", "how-to/compare-networks.md", "resources/guide/how-to/compare-networks.md"):
        assert shown(path) == page
    assert shown("../how-to/compare-networks.md") == shown("compare-networks.md#no-heading") == page
    assert shown("resources\\guide\\how-to\\compare-networks.md") == page
    assert shown("resources/guide/index.md") == shown()
    assert shown("reference/glossary.md#corruption-error") == shown("corruption", "error")
    with pytest.raises(InputError, match="nothing on 'how-to/compare'"):
        shown("how-to/compare")


def test_words_list_the_places_where_they_stand():
    found = shown("noise", "network")
    assert re.search(r"^\w+: .*\n    .+", found, re.MULTILINE) and "the first 15 of " in found
    assert "Read a page with tfstab guide TOPIC, a section with tfstab guide HEADING." in found


def test_misspelt_words_are_found_as_the_nearest_ones():
    corrected = shown("serach")
    assert corrected == f"The guide has nothing on 'serach'. This is on 'search':\n\n{shown('search')}"
    assert shown("Gausian", "degredation").startswith("The guide has nothing on 'Gausian degredation'. This is on")
    with pytest.raises(InputError, match="nothing on 'compare-netwroks': did you mean 'compare-networks'"):
        shown("compare-netwroks")


@pytest.mark.parametrize(
    ("words", "topic", "anchor"),
    [
        ("mean corruption error", "glossary", "corruption-error"),
        ("mCE", "glossary", "corruption-error"),
        ("add a degradation of my own", "own-degradation", ""),
        ("own degradation", "own-degradation", ""),
        ("severity at which accuracy falls below 80 %", "notebooks", "assess-and-look-at-the-result"),
        ("sigma50 falls below 80 %", "numbers", "severity-at-which-a-tenth-or-half-is-lost"),
        ("how do I make my model better", "harden", ""),
        ("improve a model", "harden", ""),
        ("other severities", "degradations", "other-severities-of-your-own-choice"),
        ("own severities", "degradations", "other-severities-of-your-own-choice"),
    ],
)
def test_the_term_or_the_page_that_is_meant_comes_first(words, topic, anchor):
    first = guide.find(words)[0]
    assert (first.page.topic, first.anchor) == (topic, anchor)


def test_what_is_shown_of_a_section_begins_and_ends_with_whole_words():
    for place in guide.find("noise network"):
        words = place.excerpt.removeprefix("... ").removesuffix(" ...")
        (page,) = (each for each in guide.pages() if each.topic == place.page.topic)
        assert len(words) <= 160 and re.search(rf"(^|\W){re.escape(words)}($|\W)", _text_of(page.topic)), words


def _text_of(topic):
    return " ".join(" ".join(section.text.split()) for section in sections(guide.read(topic)))


def test_links_pictures_code_and_comments_in_a_terminal():
    text = drawn(
        "# T\n\n<!-- x -->\nSee [the search](search.md#x), [T](numbers.md), [web](https://x.org) and `a_b`.\n\n"
        "![A cat](../../pictures/degradation-fog.png)\n\n| a | b |\n| --- | --- |\n| `x` | [y](sweep.md) |\n"
    )
    assert "See the search, T, web (https://x.org) and `a_b`." in text and "<!--" not in text
    assert "[Picture degradation-fog.png: A cat]" in text and "The pictures are in " in text and "`x`" in text
    below = text.partition("Pages that this one links to:")[2].split("\n")
    assert [" ".join(line.split()) for line in below if line.strip()] == [
        "search How the search works",
        "sweep How a sweep works",
    ]


def test_a_name_that_is_wider_than_its_column_is_not_cut_off():
    name = "a-network-with-a-long-name-trained-on-copies"
    text = drawn(f"# T\n\n| n | m | o |\n| --- | --- | --- |\n| `{name}` | {'some words ' * 9} | {'and more ' * 9} |\n")
    first_column = "".join(line.split()[0] for line in text.splitlines() if line.strip() and "`" in line)
    assert "…" not in text and first_column == f"`{name}`"


def test_headings_are_underlined_by_their_level_and_no_wider_than_the_terminal():
    long = "word " * 25 + "word"
    lines = [line.strip() for line in drawn(f"# T\n\n## Two\n\n### Three\n\n## {long}\n").splitlines()]
    assert [line for line in lines if line and "word" not in line] == ["T", "═", "Two", "───", "Three", "─" * 80]


def test_a_section_brings_the_sections_below_it():
    text = "# T\n\na\n\n## A\n\nb\n\n### B\n\nc\n\n## C\n\nd\n"
    assert whole_section(text, "a") == "## A\n\nb\n\n### B\n\nc\n\n"
    assert whole_section(text, "c") == "## C\n\nd\n" and whole_section(text, "t") == text
    assert whole_section(text, "none") == ""


def test_words_for_what_degrades_pictures_outdoors_lead_to_a_degradation():
    assert shown("dusk").startswith("Too little light")
    for word in ("dirt", "dust", "snow", "dirty lens", "slanting view"):
        assert "Which degradation comes closest to which problem" in shown(word)
