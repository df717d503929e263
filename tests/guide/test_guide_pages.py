"""The guide: its contents, its links and pictures, how words are found, and its HTML."""

import re
import sys
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from command_lines import command_lines, parse
from shown_output import check_shown

from tfstab import guide
from tfstab.degradations import BUILT_IN
from tfstab.errors import InputError
from tfstab.glossary import terms
from tfstab.guide import html
from tfstab.guide.markdown import headings, parser, sections
from tfstab.search.engines import engine_names

EVERY = (guide.CONTENTS, *guide.pages())
TOPICS = [page.topic for page in EVERY]
QUERIES = ("search", "How the Search works", "certified RADIUS", "linf", "gaussian blur")


def inline(topic):
    """All inline tokens of a page."""
    return [child for token in parser().parse(guide.read(topic)) for child in token.children or ()]


def test_the_contents_list_every_page_once_with_its_title():
    folder = files("tfstab.resources.guide")
    written = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.md"))
    assert sorted(page.path for page in EVERY) == written and len(set(TOPICS)) == len(TOPICS)
    for page in EVERY:
        first = sections(guide.read(page.topic))[0].heading
        assert (first.level, first.title) == (1, page.title)
        assert page.summary.endswith(".") and (page.section or page is guide.CONTENTS)


@pytest.mark.parametrize("topic", TOPICS)
def test_links_lead_to_pages_headings_and_pictures(topic):
    page = guide.get_page(topic)
    for token in inline(topic):
        if token.type == "link_open":
            link = guide.resolve(page, token.attrGet("href"))
            assert link.url or link.page, f"{page.path}: {token.attrGet('href')}"
            if link.anchor:
                anchors = [one.heading.anchor for one in sections(guide.read(link.page.topic))]
                assert link.anchor in anchors, f"{page.path}: {token.attrGet('href')}"
        elif token.type == "image":
            assert guide.picture_file(guide.resolve(page, token.attrGet("src")).picture), token.attrGet("src")
            assert len(token.content) > 10, f"{page.path}: a picture without a description"


def test_every_page_is_written():
    assert not [topic for topic in TOPICS if "still to be written" in guide.read(topic)]


def test_pictures_are_shown_and_small():
    readme = Path(__file__).parents[2] / "README.md"
    texts = readme.read_text("utf-8") + "".join(guide.read(topic) for topic in TOPICS)
    for picture in files("tfstab.resources.pictures").iterdir():
        if picture.suffix in (".png", ".gif"):
            assert picture.name in texts, f"{picture.name} is shown nowhere"
            assert picture.stat().st_size < (150_000 if picture.suffix == ".png" else 2_000_000), picture.name


@pytest.mark.parametrize("topic", [page.topic for page in EVERY if not page.path.startswith("measurements/")])
def test_pages_do_not_say_how_many_degradations_and_engines_there_are(topic):
    """Such a number would silently become false; output that a page shows, and measurements, are of their day."""
    text = "".join(token.content for token in parser().parse(guide.read(topic)) if token.type == "inline")
    text = " ".join(text.split())
    many = rf"\b(?:{len(BUILT_IN)}|{len(BUILT_IN) - 1}|{len(engine_names())}|five|six)"
    assert not re.findall(rf"{many} (?:built-in |other |search )?(?:families|degradations|engines|sweeps)\b", text)


@pytest.mark.parametrize("topic", TOPICS)
def test_pages_use_only_markdown_that_every_reader_renders(topic):
    tokens = parser().parse(guide.read(topic))
    for token in [*tokens, *inline(topic)]:
        if token.type in ("html_block", "html_inline"):
            assert re.fullmatch(r"(<!--.*?-->\s*)+", token.content, re.DOTALL), f"{topic}: {token.content}"
        if token.type == "fence":
            assert token.info, f"{topic}: a code block without a language: {token.content[:60]}"
    levels = [heading.level for _, heading in headings(tokens)]
    assert levels.count(1) == 1 and all(b <= a + 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if command_lines(guide.read(topic))])
def test_commands_exist_with_their_options_and_values(topic, tmp_path, monkeypatch):
    engine = re.search(r"```python\n([^`]*register_engine\(.*?)```", guide.read(topic), re.DOTALL)
    if engine:  # its settings are options of `search --import fade.py`
        (tmp_path / "fade.py").write_text(engine[1])
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", [*sys.path])
    for words in command_lines(guide.read(topic)):
        parse(words)
    sys.modules.pop("fade", None)


def test_output_is_what_was_printed():
    for topic in TOPICS:
        check_shown(guide.read(topic), topic)


def test_topics_titles_terms_and_headings_come_before_text():
    first = {words: guide.find(words)[0] for words in QUERIES}
    assert [(one.page.topic, one.anchor) for one in first.values()] == [
        ("search", ""),
        ("search", ""),
        ("glossary", "certified-radius"),
        ("glossary", "linf"),
        ("degradations", "gaussian_blur"),
    ]
    assert first["linf"].heading == "Linf" and first["linf"].excerpt.startswith(terms()["Linf"][:40])
    [place] = [one for one in guide.find("paper's objective") if one.page.topic == "search"]
    for one in guide.find("noise"):
        cut, whole = one.excerpt.removeprefix("... "), " ".join(guide.read(one.page.topic).split())
        if cut.endswith(" ...") and cut[:-4] in whole:
            assert f"{cut[:-4]} " in whole, "it ends with a whole word"
    assert "objective" in place.excerpt and not guide.find("qwertzuiop") and not guide.find(" ")
    assert guide.near("serach") == ["search"] and guide.near("certified raduis")[0] == "certified radius"
    with pytest.raises(InputError, match="'serach': see `tfstab guide`"):
        guide.read("serach")


def test_anchors_are_those_of_repository_hosts():
    text = "# A\n\n## 95 % interval\n\n## `--limit N`, and *more*\n\n## A\n\n## A\n\n## Häuser_x\n"
    anchors = [section.heading.anchor for section in sections(text)]
    assert anchors == ["a", "95--interval", "--limit-n-and-more", "a-1", "a-2", "häuser_x"]


def test_html_of_a_page_has_anchors_links_pictures_and_no_raw_html():
    page = guide.get_page("numbers")
    text = (
        "# Title\n\n<!-- results: x -->\n\n## A & b\n\n[search](search.md#a) [web](https://x.org) [out](../../x.py)\n"
        "[here](#a--b) <b>x</b>\n\n![degradations](../../pictures/degradation-fog.png) ![p](../../../etc/passwd)\n\n"
        "| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n```python\n1 < 2\n```\n<script>x</script>\n"
    )
    made = html.render_text(page, text)
    assert '<h2 id="a--b">A &amp; b</h2>' in made and '<a href="guide:search#a">search</a>' in made
    assert '<a href="guide:numbers#a--b">here</a>' in made and '<a href="https://x.org">web</a>' in made
    assert '<a href="">out</a>' in made and re.search(r'src="file:[^"]*/degradation-fog.png"', made)
    assert '<td style="text-align:right">2</td>' in made and "1 &lt; 2" in made
    assert not re.search("<!--|<b>|<script>|passwd", made)
    assert all(html.render(page).startswith("<h1") for page in EVERY)


def test_the_glossary_is_sorted_and_each_entry_begins_with_a_short_explanation():
    assert list(terms()) == sorted(terms(), key=str.lower)
    for term, text in terms().items():
        assert text[0].isupper() and text[-1] == "." and len(text) < 300, term


def test_pictures_are_those_that_come_with_tfstab():
    assert guide.picture_file("report.png").is_file() and guide.picture_file("none.png") is None
    assert guide.picture_file("../guide/index.md") is None and guide.picture_file("..\\guide\\index.md") is None
