"""The report of runs as a page: readable without pictures, complete in itself, in order, and safe with any name."""

import re

import numpy as np
from given_assessment import FOG, sweep
from page_tags import Page

from made_runs import made_sweep
from tfstab.glossary import terms
from tfstab.report.run_report import report_page
from tfstab.report.settings import last_day

HOSTILE = "<script>alert('&')</script>"


def test_the_page_can_be_read_without_seeing_it(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and max(np.diff(levels)) <= 1
    assert all(image["alt"] for image in page.all("img")) and len(page.all("img")) > 20
    for svg in page.all("svg"):
        drawn_again = "x" in svg  # a mark within a drawing
        assert drawn_again or svg.get("aria-hidden") == "true" or (svg["role"] == "img" and svg["aria-label"])
    tables = page.all("table")
    assert len(tables) == len(page.all("caption")) > 5
    assert all(head["scope"] in ("row", "col") for head in page.all("th"))
    identities = [a["id"] for _, a in page.tags if "id" in a]
    assert len(set(identities)) == len(identities)
    links = [a["href"] for a in page.all("a")]
    assert len(links) > 5 and {link.removeprefix("#") for link in links} <= set(identities)


def test_the_page_needs_nothing_else(page):
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert "url(" not in page.source and "@import" not in page.source and not re.search("https?:", page.source)
    assert len(page.source) < 200_000


def test_settings_stand_last_and_notes_first(page):
    headings = page.texts["h2"]
    assert headings[0] == "Against what does it break?" and headings[-1] == "Settings and versions"
    assert "It took 5 minutes." in page.texts["header"][0]
    assert "3 degradations, up to 2 copies of an image at each severity · " in page.texts["header"][0]
    assert "tensorflow" in page.texts["main"][0].split("Settings and versions")[1]


def test_every_term_is_explained_once_in_plain_sentences(page):
    explained = [text.lower() for text in page.texts["dt"]]
    for term in ("accuracy kept", "recall", "severity", "95 % interval", "score", "minimum noise", "l2", "still right"):
        assert term in explained
    for term, text in terms().items():
        assert text[0].isupper() and text[-1] == "." and term == term.strip()


def test_hostile_names_stay_text(tmp_path, runs):
    fog = sweep(tmp_path / "fog", FOG, {0: [0]}, name=HOSTILE)
    fog.info["data"] |= {"name": HOSTILE, "note": HOSTILE, "class_names": [HOSTILE, "1", "2"]}
    source = report_page([fog], notes=[HOSTILE])
    assert "<script" not in source and Page(source).texts["title"] == [f"How stable is {HOSTILE}?"]
    assert " · 1 degradation · " in Page(source).texts["header"][0]


def test_a_log_of_impossible_times_gives_no_day(tmp_path):
    run = made_sweep(tmp_path / "run", FOG, np.zeros((2, 3, 1), int))
    assert last_day([run])
    (run.path / "log.jsonl").write_text('{"time": 1e9}\n{"time": 5e8}\n{"time": "2e9"}\n')
    assert last_day([run]) == "9 September 2001"
    (run.path / "log.jsonl").write_text('{"time": 1' + "0" * 400 + '}\n{"time": NaN}\n')
    assert last_day([run]) == ""
