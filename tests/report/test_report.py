"""What the report of runs says, from runs whose every prediction is given."""

import re
from dataclasses import replace

import numpy as np
import pytest
from given_assessment import FOG, sweep
from page_tags import Page

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures
from tfstab.assessment.reference import Reference, ReferenceFamily
from tfstab.degradations import get_degradation
from tfstab.degradations.alone import applied_alone
from tfstab.metrics import Estimate
from tfstab.report import photographs, side_by_side
from tfstab.report.chapter import make_chapter
from tfstab.report.curves import networks_panel
from tfstab.report.numbers import noise_table
from tfstab.report.run_report import report_page


def test_families_are_drawn_worst_first_on_a_shared_axis(chapter, page):
    fog, noise, jpeg = chapter.families
    assert [d.label for d in chapter.families] == ["fog", "Gaussian noise", "JPEG compression"]
    top = max(1.0, *(f.kept.high for f in chapter.figures.families))
    assert [d.at for d in chapter.families] == pytest.approx([100 * x / top for x in (6 / 21, 14 / 21, 1)])
    assert [d.value for d in chapter.families] == ["29 %", "67 %", "100 %"]
    assert [d.level for d in chapter.families] == ["bad", "mid", "good"]
    assert chapter.verdict.level == "mid" and 'class="verdict mid"' in page.source  # less than half is not decided
    assert not jpeg.sure  # seven images do not show that more than 90 % is kept
    for d in (fog, noise, jpeg):
        assert 0 <= d.low <= d.at <= d.high <= 100 and re.fullmatch(r"\d+–\d+", d.interval)
    assert [(round(t.at * top), t.text) for t in chapter.family_ticks][::4] == [(0, "0 %"), (100, "100 %")]


def test_below_the_verdict_stands_for_what_it_holds(chapter, page, runs):
    assert page.texts["main"][0].count(chapter.holds_for) == 1 and chapter.holds_for == (
        "All this holds for images like those tested, and for the severities tried: with others, another degradation "
        f"may do the most harm. {applied_alone()}"
    )
    alone = make_chapter([run for run in runs if run.path.name == "fog"], lambda _: None)
    assert alone.holds_for == "All this holds for images like those tested, and for the severities tried."


def test_the_page_says_what_each_degradation_does_and_in_which_direction(chapter, page, tmp_path):
    fog, noise, _ = chapter.about_table.rows
    assert fog == ("fog", get_degradation("fog").about, "density (%): 20, 55, 80")
    assert noise[2] == "sigma (grey levels): 10, 20, 40"
    assert all(about in page.texts["main"][0] for _, about, _ in chapter.about_table.rows)
    darker = SweepConfig(degradation="brightness", severities=(-20, -40))
    alone = report_page([sweep(tmp_path / "darker", darker, {0: [0]})])
    assert "makes the image brighter by adding a constant to all grey levels; negative shifts make it darker" in alone
    assert "shift (grey levels): -20, -40" in alone


def test_four_big_numbers(chapter, runs):
    clean, kept, half, least = chapter.numbers
    assert clean.value == "88 %" and kept.value == f"{100 * (6 / 21 + 14 / 21 + 1) / 3:.0f} %"
    assert "mean of 3 degradations" in kept.what and half.value.startswith("sigma 3")
    assert least.value == "L2 12" and "7 images" in least.detail  # the median of 2, 4, 8, 12, 16, 40 and none
    alone = make_chapter([run for run in runs if run.kind == "search"], lambda _: None)
    assert [n.value for n in alone.numbers[:2]] == ["88 %", "L2 12"] and "dB" in alone.numbers[2].value
    only = make_chapter([run for run in runs if run.path.name == "fog"], lambda _: None)
    assert len(only.numbers) == 4 and only.numbers[3].what.endswith("under fog, density 55 %")
    assert only.numbers[3].value == "29 %" and len(only.mistakes) == 5  # two of seven are right


def test_the_verdict_is_told_once(page, chapter):
    paragraphs = chapter.verdict.paragraphs
    assert len(paragraphs) > 1 and all(page.texts["main"][0].count(one) == 1 for one in paragraphs)
    first, rest = chapter.first_sentence
    assert first + rest == paragraphs[0] and 0 < len(first) < len(paragraphs[0])
    for finding in chapter.verdict.of_kind("classes", "noise", "undecided"):
        assert page.texts["main"][0].count(finding.text) == 1


def test_weakest_classes_with_what_they_are_taken_for(chapter):
    assert [row.name for row in chapter.classes] == [c.name for c in chapter.figures.weakest_classes]
    last = next(row for row in chapter.classes if row.name == "2")
    assert last.clean == "50 %" and last.clean_at == 50 and last.mistaken_for == "0 (100 %)"
    assert {m.taken for m in chapter.class_mistakes} <= {"0", "1", "2"} and len(chapter.class_mistakes) == 3


def test_mistakes_are_of_images_that_are_right_when_clean_and_at_the_middle_severity(chapter):
    by_family = {}
    for mistake in chapter.mistakes:
        by_family.setdefault(mistake.family, []).append(mistake)
    fog = by_family["fog"]
    # Images 2 to 6 fail at 55 %, three of them from 1 to 2; the network is equally sure of all, and number 7 is wrong
    # when clean.
    assert [m.name for m in fog] == ["image 3", "image 2"] and {m.where for m in fog} == {"density 55 %"}
    assert (fog[0].true, fog[0].taken, fog[1].true, fog[1].taken) == ("1", "2", "0", "1")
    assert fog[0].clean_score == fog[0].score == pytest.approx(0.7)
    # At sigma 20, the middle, no image fails; other images than above are chosen.
    noise = by_family["Gaussian noise"]
    assert {m.where for m in noise} == {"sigma 40 grey levels"} and [m.name for m in noise] == ["image 0", "image 4"]
    assert "JPEG compression" not in by_family


def test_of_many_families_classes_and_images_the_worst_are_shown(tmp_path):
    """Seven families and eleven classes, of which two images each are taken for the next one; 41 images searched."""
    names = ("fog", "brightness", "contrast", "gamma", "gaussian_blur", "occlusion", "rotation")
    labels = np.arange(22) % 11
    taken = ((labels + 1) % 11)[:, None, None]
    families = [
        made_sweep(
            tmp_path / name,
            SweepConfig(degradation=name, severities=get_degradation(name).severities[:1]),
            taken,
            labels,
            classes=11,
        )
        for name in names
    ]
    chapter = make_chapter(families, lambda _: None)
    assert len({mistake.family for mistake in chapter.mistakes}) == len(chapter.mistakes) == 6
    assert len(chapter.classes) == 10 and len(chapter.class_mistakes) == 3
    assert [(t.at, t.text) for t in chapter.class_ticks] == [(25 * k, f"{25 * k} %") for k in range(5)]
    search = made_search(tmp_path / "search", np.arange(1.0, 42))
    table, shown = noise_table(search), photographs.triples(search)
    assert len(table.rows) == 40 and table.notes == ["The first 40 of 41; `tfstab report RUN --files` writes all."]
    assert [triple.name for triple in shown] == [f"image {k}" for k in (0, 8, 16, 24, 32, 40)]


def test_what_guessing_keeps_is_told_and_drawn(page, chapter, runs):
    assert "Always answering the same class would be right on 38 % of the images." in page.texts["main"][0]  # 3 of 8
    chance = [line["y1"] for line in page.all("line") if line.get("class") == "rule chance"]
    assert chance == ["62.50"] * 3
    kept = [(line["x1"], line["x2"]) for line in page.all("line") if line.get("class") == "chance"]
    assert kept == [("42.86%", "42.86%")] * 3
    assert chapter.panels[0].text.endswith("Always answering the same class: 37.5 %.")
    assert "guessing" in [text.lower() for text in page.texts["dt"]]
    assert networks_panel(runs[:1]).chance is None


def test_several_networks_stand_side_by_side(tmp_path, runs, page):
    other = sweep(tmp_path / "fog", FOG, {k: [0, 1] for k in range(7)}, name="other")
    several = Page(report_page([*runs, other]))
    assert several.texts["h1"] == ["How stable are 'made' and 'other'?"]
    assert several.texts["h2"] == ["Side by side", "made", "other", "Settings and versions"]
    rows = re.findall(r"fog\s+29 % \(\d+–\d+\)67 % \(\d+–\d+\)", several.texts["main"][0])
    assert len(rows) == 1
    twice = Page(report_page([*runs, runs[0]]))  # the same family again has its own chapter
    assert twice.texts["h2"] == ["Side by side", "made", "made", "Settings and versions"]
    assert "Side by side" not in page.texts["h2"]
    figures = Figures.of([other])
    chart = side_by_side.networks_chart(5 * [figures])
    assert chart.names == 4 * ["other"]
    assert chart.notes == ["Only the first 4 networks are shown here; not shown: other."]


def test_the_bundled_networks_stand_beside_it(runs, chapter, monkeypatch):
    fog, _, jpeg = chapter.figures.families
    same = ReferenceFamily("fog", fog.run.degradation.version, fog.run.severities, Estimate(0.5, 0.4, 0.6))
    alike = Reference("bundled", "x", "photos", (2, 2, 1), 9, 3, Estimate(0.75, 0.7, 0.8), same.kept, {
        "fog": same, "jpeg": replace(same, name="jpeg", version=jpeg.run.degradation.version)})  # fmt: skip
    itself = replace(alike, fingerprint=chapter.figures.info["model"]["fingerprint"])
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: (itself, alike))
    chart = side_by_side.reference_chart(chapter.figures)
    assert chart.names == ["made", "bundled, photos"]
    # JPEG's severities differ.
    assert [(label, [d.value for d in dots]) for label, dots in chart.rows] == [
        ("clean images", ["88 %", "75 %"]), ("fog", ["29 %", "50 %"])]  # fmt: skip
    source = report_page(runs)
    assert "Compared with the bundled networks" in source and "bundled, photos" in source
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: (itself, *4 * [alike]))
    assert len(side_by_side.reference_chart(chapter.figures).names) == 4
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: (itself,))
    assert side_by_side.reference_chart(chapter.figures) is None


def test_an_unfinished_search_and_nothing_found(tmp_path):
    run = made_search(tmp_path / "search", [np.inf, 0.0], [0, 0], [0, 1])
    read = Page(report_page([run]))
    assert "No noise was found for 1 more." in read.texts["main"][0] and not read.all("img")
    assert "none found" in read.texts["main"][0] and "1 image" in read.texts["main"][0]
    for part in run.parts.values():
        part.unlink()
    text = Page(report_page([open_run(run.path)])).texts["header"][0]
    assert "Not finished: search has 0 of 2 images." in text
