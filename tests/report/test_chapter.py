"""What a page says of one network and of several, and its links, where the recorded pages take another way."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_explanation, made_search, made_sweep
from tfstab import SearchConfig, SweepConfig
from tfstab.assessment import Figures, Verdict
from tfstab.assessment.levels import LEVELS
from tfstab.assessment.reference import Reference, ReferenceFamily
from tfstab.metrics import Estimate
from tfstab.report import numbers, photographs, side_by_side
from tfstab.report.chapter import Chapter, make_chapter
from tfstab.report.curves import curve_panel, networks_panel
from tfstab.report.explanation.page import topic_blocks
from tfstab.report.networks import network_names
from tfstab.report.numbers import loss_table, noise_table
from tfstab.report.page import Section
from tfstab.report.run_files import run_section, run_sections
from tfstab.report.run_report import report_page
from tfstab.report.saving import save_report
from tfstab.report.side_by_side import networks_chart, networks_table, reference_chart
from tfstab.report.tables import Table


def links(page):
    return re.findall(r'<a href="#([\w-]+)"', page.partition("</nav>")[0])


def with_lead(lead="", images=()):
    """A chapter whose verdict has this lead, with classes of so many images."""
    figures = SimpleNamespace(weakest_classes=[SimpleNamespace(images=count) for count in images])
    return Chapter("", figures, Verdict((lead,), []), [])


@pytest.mark.parametrize(("images", "few"), [((), 10), ((3, 9), 10), ((3, 10), 0), ((11, 3), 0)])
def test_a_verdict_on_classes_needs_one_of_ten_images(images, few):
    assert with_lead(images=images).too_few_of_classes == few


@pytest.mark.parametrize(
    ("first", "rest"),
    [("It keeps 0.5 of it.", " No more: no."), ("No. 5 is the worst:", " x"), ("All is well.", ""), ("", "")],
)
def test_the_first_sentence_of_a_verdict(first, rest):
    assert with_lead(lead=first + rest).first_sentence == (first, rest)


def test_classes_are_drawn_if_there_are_at_least_two(tmp_path):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    for labels, drawn in (([0, 0, 0], []), ([0, 1, 1], ["1", "0"])):
        run = made_sweep(tmp_path / f"{labels[1]}", config, np.array([0, 2, 1]).reshape(3, 1, 1), labels)
        assert [row.name for row in make_chapter([run], lambda _: None).classes] == drawn


def test_a_page_links_to_the_sections_that_it_has(tmp_path):
    fog, noise = (sweep_of(tmp_path, name, first_of((0.9,), 8), (20,)) for name in ("fog", "gaussian_noise"))
    why = made_explanation(tmp_path / "why", np.linspace(0.9, 1.1, 9), clean=[0] * 8 + [1])
    told = []
    (why.path / "report.html").touch()  # where readers of this page do not have it
    page = report_page([fog, why], folder=tmp_path / "far/away", on_progress=lambda *step: told.append(step[1:]))
    assert "report.html" not in page
    assert told == [(k, 7) for k in range(8)] and "explanation of 9 images" in page
    assert "88.9 %" not in page, "the clean accuracy is of the images that were swept"
    assert "c1-families" not in links(page) and {"c1-photographs", "c1-layers", "c1-numbers"} <= set(links(page))
    assert links(report_page([fog, noise]))[:2] == ["c1-families", "c1-photographs"]
    nothing = report_page([made_search(tmp_path / "search", [np.inf])])
    assert links(nothing) == ["c1-noise", "settings"] and "nan" not in nothing


def test_a_topic_is_shown_if_it_says_something_new():
    sections = {
        "told": Section("Told", ["a line"]), "empty": Section("Empty"), "line": Section("Line", ["a line", "another"]),
        "warning": Section("Warning", warnings=["Beware."]), "part": Section("Part", parts=[Table("t", "a", [(1,)])]),
    }  # fmt: skip
    blocks = topic_blocks(sections, "This is a line.")
    assert [block.id for block in blocks] == ["line", "warning", "part"] and blocks[0].lines == ["another"]


def test_charts_of_several_networks_have_what_two_of_them_have(tmp_path):
    families = {"a": ("fog", "jpeg"), "b": ("fog",), "c": ("jpeg",)}
    a, b, c = (
        Figures.of([sweep_of(tmp_path / name, family, first_of((0.5,), 6), (20,), name=name) for family in several])
        for name, several in families.items()
    )
    both = networks_chart([a, b])
    assert [label for label, _ in both.rows] == ["clean images", "mean of its degradations", "fog", "JPEG compression"]
    assert [panel.title for panel in both.panels] == ["fog"] and both.names == ["a", "b"]
    single = networks_chart([b, c])
    assert [label for label, _ in single.rows] == ["clean images", "fog", "JPEG compression"] and not single.panels
    object.__setattr__(c, "data", "others")
    assert networks_chart([b, c]).names == ["b, made", "c, others"]
    each = "6 clean images, up to 6 of them degraded"
    assert f"on its own images: b, made on {each}; c, others on {each}. So" in networks_chart([b, c]).images
    assert not both.images
    fewer = made_sweep(tmp_path / "d", SweepConfig(degradation="fog", severities=(20,), copies=1),
                       np.zeros((4, 1, 1), int), indices=[1, 2, 8, 9], name="d")  # fmt: skip
    each = f"a on {each}; d on 4 clean images, up to 4 of them degraded"
    said = f"Each is shown on its own images: {each}. Up to 2 degraded images are common to all."
    assert networks_chart([a, Figures.of([fewer])]).images.startswith(said)
    page = report_page([*(family.run for family in a.families), fewer])
    assert said in page and "to strong (right), each on its own images." in page
    assert networks_chart([a]) is None
    finer = Figures.of([sweep_of(tmp_path / "e", "fog", first_of((0.5, 0.5), 6), (10, 20), name="e")])
    assert both.notes == [] and networks_chart([a, finer]).notes[0].startswith("Under fog, the networks were")
    assert "Under fog, the networks were not all measured at the same severities" in report_page(
        [family.run for one in (a, finer) for family in one.families]
    )
    more_clean = Figures.of([a.families[0].run])
    object.__setattr__(more_clean, "images", 9)
    assert "on 9 clean images, up to 6 of them degraded. Up to 6" in networks_chart([a, more_clean]).images


def test_searches_of_one_network_are_told_apart_by_their_folders_as_compare_does(tmp_path):
    first, second = (
        made_search(tmp_path / engine, l2, np.arange(len(l2)), config=SearchConfig(engine), name="net")
        for engine, l2 in (("pygad", [3.0, 4.0]), ("boundary", [3.0, 4.0, 5.0]))
    )
    swept = sweep_of(tmp_path, "fog", first_of((0.5,), 2), (20,), name="net")
    page = report_page([first, second, swept])
    titles = ["net (pygad)", "net (boundary)"]
    assert re.findall(r"<h2 id=.?c\d.*?>(.*?)</h2>", page) == titles
    contents = page.partition("</nav>")[0]
    assert all(f">{title}</a>" in contents and f"<b>{title}:</b>" in page for title in titles)
    assert "net (pygad) on 2 clean images, up to 2 of them degraded; net (boundary) on 3 clean images, none of" in page
    assert "minimum noise of 2 images (engine pygad)" in page and "of 3 images (engine boundary)" in page
    beside, *_ = run_sections([first, second, swept])
    assert beside.parts[0].columns[1::3] == titles
    assert "(engine" not in report_page([first, swept]) and "net (" not in report_page([first, swept])


def test_a_folder_behind_a_name_holds_the_runs_or_is_that_of_a_kind_that_both_have(tmp_path):
    def named(*groups):
        made = [
            [sweep_of(tmp_path / around, family, first_of((0.5,), 2), (20,), name="net") for around, family in group]
            for group in groups
        ]
        return network_names(made, ["net"] * len(made))

    assert named([("a", "fog"), ("a", "jpeg")], [("b", "fog")]) == ["net (a)", "net (b)"]
    assert named([("c", "fog")], [("d", "fog")]) == ["net (c/fog)", "net (d/fog)"]
    assert named([("e", "jpeg"), ("e", "fog")], [("f", "fog"), ("g", "gamma")]) == ["net (e/fog)", "net (f/fog)"]
    found = made_search(tmp_path / "noise" / "net", [3.0, 4.0], np.arange(2), name="net")
    fine = [sweep_of(tmp_path / "fine", one, first_of((0.5,), 2), (20,), name="net") for one in ("fog", "jpeg")]
    whole = [sweep_of(tmp_path / "whole", one, first_of((0.5,), 2), (20,), name="net") for one in ("fog", "jpeg")]
    assert network_names([[*whole, found], fine], ["net", "net"]) == ["net (whole)", "net (fine)"]
    runs = [sweep_of(tmp_path / "h", "fog", first_of((0.5,), 2), (20,), name="net")]
    assert network_names([runs, runs, runs], ["net", "net", "other"]) == ["net", "net", "other"]


def test_the_files_of_a_report_name_their_networks_and_set_them_side_by_side(tmp_path):
    shares = {"vendorA": (0.5, 0.5), "vendorB": (1, 0.5)}
    runs = [
        sweep_of(tmp_path / name, "fog", first_of(right, 20), (20, 40), name=name) for name, right in shares.items()
    ]
    beside, _, first, second = run_sections([*runs])
    (table,) = beside.parts
    assert table.columns[:4] == ["images", "vendorA", "vendorA from", "vendorA to"] and len(table.columns) == 7
    clean, fog = table.records()
    assert (clean["images"], fog["images"]) == ("clean images", "fog") and clean["vendorA"] == clean["vendorB"] == 100
    assert fog["vendorB from"] < fog["vendorB"] == 75 < fog["vendorB to"] and fog["vendorA"] == 50
    assert (first.name, second.name) == ("vendorA-fog", "vendorB-fog")
    only = [replace(section, parts=section.parts[:1]) for section in (beside, second)]
    names = {path.name for path in save_report(tmp_path / "out", "page", only)}
    assert {"01-networks-side-by-side.csv", "02-vendorb-fog-accuracy-under-fog.tex"} < names
    text = (tmp_path / "out" / "tables" / "02-vendorb-fog-accuracy-under-fog.tex").read_text()
    assert "of vendorB on" in text, "the caption names the network"
    twins = networks_table([Figures.of([run]) for run in (runs[0], runs[0])])
    assert "vendorA (1)" in twins.columns and "vendorA (2)" in twins.columns
    assert [section.name for section in run_sections(runs[:1])] == ["vendorA-fog"], "one network needs no such table"


def test_the_files_of_a_report_have_the_tables_of_an_assessment(tmp_path):
    runs = [sweep_of(tmp_path, name, first_of((1, share), 20), (20, 40)) for name, share in (("fog", 0.5), ("jpeg", 1))]
    figures, (section, *_) = Figures.of(runs), run_sections(runs)
    chart, *parts = section.parts
    tables = replace(section, parts=parts)
    (axes,) = chart.figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["fog", "JPEG compression"]
    assert [line.get_xdata() for line in axes.lines] == [[0.75], [1]], "the accuracy kept"
    assert [text.get_text() for text in chart.figure.legends[0].texts] == [
        LEVELS["mid"], LEVELS["good"], "open mark: the measured images do not show which level applies",
        "what always answering the same class would keep",
    ]  # fmt: skip
    assert [table.title for table in tables.parts] == [
        "What each degradation leaves", "Severity at which accuracy is lost", "What each degradation does",
        "Recall of each class when clean",
    ]  # fmt: skip
    assert tables.parts[0].rows == numbers.family_table(figures).rows and len(tables.parts[0].rows) == 2
    assert tables.parts[0].notes[0] == "In % with 95 % intervals."
    save_report(tmp_path / "out", "page", [tables])
    names = {path.name: path for path in (tmp_path / "out/tables").iterdir()}
    leaves = next(path for name, path in names.items() if name.endswith("-what-each-degradation-leaves.csv"))
    assert len(names) == 8 and "fog,20,75 (" in leaves.read_text("utf-8")


def test_a_degradation_that_one_bundled_network_has_stands_in_the_chart(tmp_path, monkeypatch):
    runs = [sweep_of(tmp_path, name, first_of((0.5,), 6), (20,)) for name in ("fog", "jpeg", "brightness")]
    figures = Figures.of(runs)
    half, most = Estimate(0.5, 0.4, 0.6), Estimate(0.75, 0.7, 0.8)
    swept = {
        run.degradation.name: ReferenceFamily(run.degradation.name, run.degradation.version, run.severities, half)
        for run in runs
    }
    has = {"one": ("fog",), "two": ("fog", "jpeg")}
    alike = [
        Reference(name, "x", "photos", (2, 2, 1), 9, 3, most, half, {family: swept[family] for family in several})
        for name, several in has.items()
    ]
    monkeypatch.setattr(side_by_side, "reference_figures", lambda: alike)
    chart = reference_chart(figures)
    assert {label: [dot is not None for dot in dots] for label, dots in chart.rows} == {
        "clean images": [True, True, True], "fog": [True, True, True], "JPEG compression": [True, False, True],
    }  # fmt: skip
    assert "c1-comparison" in links(report_page(runs))


def test_a_curve_of_severities_on_both_sides_begins_at_the_lowest(tmp_path):
    one, both = (
        made_sweep(tmp_path / str(k), SweepConfig(degradation="brightness", severities=severities), np.zeros((2, 2, 1)))
        for k, severities in enumerate([(20, 40), (-40, 20)])
    )
    own, other = networks_panel([one, both]).lines
    assert own == "50.00,0.00 75.00,0.00 100.00,0.00" and other == "0.00,0.00 75.00,0.00"
    assert [(tick.at, tick.text) for tick in networks_panel([one, both]).ticks] == [(0, "-40"), (75, "20"), (100, "40")]
    wrong = made_sweep(tmp_path / "wrong", one.config, np.ones((2, 2, 1)), clean=[1, 1])
    assert curve_panel(wrong).right == "0.00,0.00"  # of no image


def test_tables_of_noise_that_was_found_at_once(tmp_path, monkeypatch):
    run = made_search(tmp_path / "search", [8.0, 4, 2, 0], [0, 0, 0, 0], [0, 0, 0, 1], queries=1)
    monkeypatch.setattr(numbers, "IMAGES", 3)
    table = noise_table(run)
    assert [row[3] for row in table.rows] == [2, 4, 8]
    assert table.notes == ["Misclassified when clean, so that they need no noise: 1 more."]
    monkeypatch.setattr(numbers, "IMAGES", 2)
    assert (
        noise_table(run).notes[0] == "The first 2 of 3; `tfstab report RUN --files` writes all."
        and len(noise_table(run).rows) == 2
    )
    assert len(photographs.triples(run)) == 3
    chapter = make_chapter([run], lambda _: None)
    assert [label for _, label in chapter.strip.points] == [f"image {k}: {size}.0" for k, size in enumerate((8, 4, 2))]
    assert [number.value for number in chapter.numbers][1:] == ["L2 4.0", "42.1 dB", "2.0"]
    picture, by_class, each, settings = run_section(run).parts
    assert picture.caption.endswith("of the first 4") and len(picture.figure.axes) == 13
    assert [table.title for table in (by_class, each)] == ["Minimum noise by class", "Minimum noise"]
    told = dict(settings.rows)
    assert told["about the data"] is None and len(told["data's fingerprint"]) == 16


def test_minimum_noise_by_class_is_shown_if_two_classes_have_five_images(tmp_path, monkeypatch):
    sizes, labels = [8.0] * 6 + [4.0] * 5 + [2.0], [0] * 6 + [1] * 5 + [2]
    run = made_search(tmp_path / "search", sizes, labels)
    table = make_chapter([run], lambda _: None).class_noise_table
    assert [row[:4] for row in table.rows] == [("0", 6, 6, 8.0), ("1", 5, 5, 4.0), ("all", 12, 12, 6.0)]
    assert table.notes[-1] == "Classes with fewer than 5 searched images that are right when clean are left out."
    assert "Minimum noise by class" in report_page([run])
    monkeypatch.setattr(numbers, "CLASSES", 1)
    shorter = numbers.class_noise_table(run)
    assert [row[0] for row in shorter.rows] == ["1", "all"] and shorter.notes[-2] == table.notes[-1]
    assert shorter.notes[-1] == (
        "Of the other 2 classes, these are the 1 with the lowest median; `tfstab report RUN --files` writes all."
    )
    few = made_search(tmp_path / "few", sizes, [0] * 8 + [1] * 4)
    assert make_chapter([few], lambda _: None).class_noise_table is None


def test_a_norm_that_counts_pixels_has_no_decimals(tmp_path):
    run = made_search(tmp_path / "search", [8.0], config=SearchConfig(norm="l0"))
    row = noise_table(run).text_rows()[0]
    assert row[3:8] == ["4", "–", "8.0", "4.0", "16.0"]


def test_severities_before_the_mildest_are_explained(tmp_path):
    """10 % is lost before the mildest severity, and half of it in between or never."""
    shares = {"fog": (0.8, 0.4), "brightness": (0.8, 0.7)}
    figures = Figures.of([sweep_of(tmp_path, name, first_of(share, 60), (20, 40)) for name, share in shares.items()])
    table = loss_table(figures)
    assert [row[1].startswith("before") for row in table.rows] == [True, True]
    assert not any(row[2].startswith("before") for row in table.rows)
    assert len(table.notes) == 2 and table.notes[1].startswith("Before a severity: it is the mildest that was tried")
