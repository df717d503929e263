"""The overview of an assessment, alone and beside another network, against values worked out by hand; no window."""

import json

import numpy as np
from assessment_runs import CLASSES, sweep_of

from made_runs import made_search, made_sweep
from tfstab import SearchConfig, SweepConfig, compare, open_run
from tfstab.assessment import Figures
from tfstab.assessment.chance import lost_from
from tfstab.assessment.levels import ABOVE
from tfstab.assessment.verdict import verdict
from tfstab.degradations import combined, register, registry
from tfstab.degradations.alone import applied_alone
from tfstab.experiments import FolderComparison
from tfstab.experiments.folders_compared import Folder
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import lead
from tfstab.gui.content.assessment_overview import overview_of_assessment
from tfstab.gui.content.overview import Swept, overview_of_sweep
from tfstab.gui.content.pair_sentences import applied_notes, in_short
from tfstab.gui.content.pairing import pair_of_assessments
from tfstab.gui.content.robustness import applied_note, family_rows
from tfstab.gui.sessions.assessment_session import headline_of
from tfstab.report.numbers import big_numbers, family_table


def test_an_assessment_leads_to_where_a_class_is_lost_most_and_explains_more_than_100_percent(tmp_path):
    """Half of the clean images are right; under fog all but those of class 0, under noise all but class 1."""
    labels, clean = np.arange(60) % 3, np.arange(60) < 30
    for family, lost in (("fog", 0), ("gaussian_noise", 1)):
        sweep_of(tmp_path, family, (labels != lost)[:, None, None], (20,), clean=clean)
    figures = Figures.of([open_run(tmp_path / "fog"), open_run(tmp_path / "gaussian_noise")])
    shown = overview_of_assessment("own", figures, verdict(figures), family_rows(figures), range(4))
    assert {bar.name: bar.worst for bar in shown.classes.bars if bar.name != "2"} == {
        "0": (tmp_path / "fog", "fog"), "1": (tmp_path / "gaussian_noise", "Gaussian noise"),
    }  # fmt: skip
    assert all(bar.text == "133 %" and ABOVE[:-1] in bar.tip for bar in shown.bars)
    assert list(family_table(figures).notes) == [ABOVE, applied_alone()]
    sweep_of(tmp_path, "jpeg", ((np.arange(60) >= 4) & (np.arange(60) < 33))[:, None, None], (20,), clean=clean)
    less = Figures.of([open_run(tmp_path / "jpeg")])
    assert less.families[0].kept.value < 1 < less.families[0].kept.high and not family_table(less).notes


def test_beside_a_number_is_said_whether_the_images_differ_or_the_difference_is_decided(tmp_path):
    """The compared network is right more often when clean; its noise is 1.5 times as large, or of fewer images."""

    def figures(name, right, sizes, images=60):
        rows = np.broadcast_to(np.arange(60)[:, None, None] < right, (60, 3, 1))[:images]
        fog = sweep_of(tmp_path / name, "fog", rows, clean=rows[:, 0, 0], name=name)
        labels, config = np.arange(len(sizes)) % CLASSES, SearchConfig("boundary")
        found = made_search(tmp_path / name / "search", sizes, labels, config=config, name=name, classes=CLASSES)
        return Figures.of([fog, found])

    sizes = 10 + np.arange(20.0)
    own = figures("own", 30, sizes)
    others = {
        "better": figures("better", 50, 1.5 * sizes),
        "like": figures("like", 31, sizes * np.resize([0.9, 1.1], 20)),
        "few": figures("few", 31, sizes[:8]),
        "half": figures("half", 20, sizes, images=40),
    }
    for name, clean, kept, noise in (
        ("better", "better is better", "difference not tested", "better is better"),
        ("like", "difference not decided", "difference not tested", "difference not decided"),
        ("few", "difference not decided", "difference not tested", "other images"),
        ("half", "other images", "other images", "difference not decided"),
    ):
        pairing = pair_of_assessments(own, others[name], name)
        shown = overview_of_assessment("own", own, verdict(own), (), range(4), [(name, others[name])], [pairing])
        texts = {number.name: number.beside[0].rpartition(f" in {name} ")[2] for number in shown.numbers}
        expected = {"clean": clean, "kept": kept, "half": kept, "noise": noise}
        assert texts == {number: f"({note})" for number, note in expected.items()}, name
    before = overview_of_assessment("own", own, verdict(own), (), range(4), [("few", others["few"])])
    noted = {number.name: number.beside[0].endswith(" in few") for number in before.numbers}
    assert noted == {"clean": True, "kept": True, "half": True, "noise": False}, (
        "nothing is said of what is not compared yet"
    )


def test_cells_are_marked_where_the_report_says_that_accuracy_is_no_better_than_guessing(tmp_path):
    """Of two classes of 50 images, 90, 58 and 48 % are right under fog: 58 % are not certainly more than half."""

    def cells(name, labels, shares, clean):
        rows = (np.arange(100)[:, None, None] + 0.5) / 100 < np.array(shares)[:, None]
        config = SweepConfig(degradation="fog", severities=(20, 40, 60), copies=1)
        taken, found = (
            np.where(rows, labels[:, None, None], 1 - labels[:, None, None]),
            np.where(clean, labels, 1 - labels),
        )
        figures = Figures.of([made_sweep(tmp_path / name, config, taken, labels, found, classes=2)])
        (row,) = family_rows(figures)
        return figures.families[0], [(cell.severity, cell.guessing) for cell in row.cells]

    labels = np.arange(100) // 50
    family, marked = cells("two", labels, (0.9, 0.58, 0.48), np.ones(100, bool))
    assert marked == [(20, False), (40, True), (60, True)] and family.run.severities[lost_from(family)] == 40
    family, marked = cells("unsure", labels, (0.58, 0.9, 0.48), np.arange(100) < 55)
    assert marked == [(20, True), (40, False), (60, True)] and lost_from(family) is None, "each by itself"
    assert not any(guessing for _, guessing in cells("one", np.zeros(100, int), (0.9, 0.5, 0), np.ones(100, bool))[1])


def test_it_is_known_which_degradations_were_measured_in_one_direction_only(tmp_path):
    severities = {
        "brightness": (20, 40), "gamma": (0.5, 2), "underexposure": (1, 2), "rotation": (-20, -10), "fog": (20, 40),
    }  # fmt: skip

    def figures(name, more=()):
        given = (severities | dict(more)).items()
        return Figures.of([sweep_of(tmp_path / name, f, np.ones((9, len(s), 1), bool), s, name=name) for f, s in given])

    own, other = figures("own"), figures("other", {"gamma": (0.5,)}.items())
    rows = {row.name: row for row in family_rows(own)}
    directions = {name: row.direction for name, row in rows.items() if row.direction}
    assert directions == {"brightness": "brighter", "underexposure": "less light", "rotation": "clockwise"}
    assert rows["fog"].explained.startswith("Fog blends the image with white light")
    note = applied_note(family_rows(own))
    assert (
        note.startswith(f"{applied_alone()} Measured in one direction only: ")
        and "rotation (clockwise, up to 20 degrees)" in note
    )
    compared = pair_of_assessments(own, other, "other").one_way
    both = (
        "brightness (brighter)",
        "underexposure (less light)",
        "rotation (clockwise, up to 20 degrees)",
        "gamma (brighter)",
    )
    assert set(compared) == {*both}, "what both have"


def test_unequal_trainings_of_two_hardened_networks_are_told_as_compare_tells_them(tmp_path):
    sides = []
    for name, steps in (("control", 100), ("remedy", 200)):
        sides.append(Figures.of([sweep_of(tmp_path / name / "hardened", "fog", np.ones((9, 3, 1), bool), name=name)]))
        state = {"identity": {"network": "of the original"}, "steps": steps}
        (tmp_path / name / "hardening.json").write_text(json.dumps(state))
    control, remedy = sides
    (told,) = pair_of_assessments(remedy, control, "control").trained
    assert told.startswith("control was hardened in 100 training steps and remedy in 200. Where remedy is better, its")
    assert pair_of_assessments(remedy, remedy, "itself").trained == ()


def test_in_which_respects_either_network_is_better_is_said_as_compare_says_it(tmp_path):
    """Under fog, one is right for all images, the other for each second one; one needs twice as much noise."""
    labels, sizes = np.arange(40) % CLASSES, 10 + np.arange(40.0)
    for name, times in (("one", 2), ("other", 1)):
        right = np.arange(120).reshape(40, 3, 1) % 4 >= 4 - 2 * times
        sweep_of(tmp_path / name, "fog", right, name=name)
        made_search(
            tmp_path / name / "search",
            times * sizes,
            labels,
            classes=CLASSES,
            config=SearchConfig("boundary"),
            name=name,
        )
    first, second = (Folder.open(tmp_path / name) for name in ("other", "one"))
    told, *_ = FolderComparison(first, second).summary().splitlines()
    assert told.startswith(
        "In short: neither is certainly more accurate on clean images (100.0 % with 'other', 100.0 % with"
    )
    assert "). 'one' is better than 'other' " in told and "under 1 degradation" in told
    assert "in minimum noise" in told
    own, other = (Figures.of([*folder.sweeps.values(), folder.search]) for folder in (second, first))
    assert in_short(pair_of_assessments(own, other, "other"), "one") == f"{told} "
    assert in_short(pair_of_assessments(own, own, "itself"), "one") == ""


def test_the_recall_of_a_rare_class_takes_the_place_of_accuracy_kept_as_in_the_report(tmp_path):
    """Of 5 images of class 1 among 100, 4 are right when clean and none under fog."""
    labels = (np.arange(100) % 20 == 0).astype(int)
    clean = np.where(np.arange(100) == 0, 0, labels)
    config = SweepConfig(degradation="fog", severities=(50,), copies=1)
    run = made_sweep(tmp_path / "fog", config, np.zeros((100, 1, 1), int), labels, clean, classes=2)
    figures = Figures.of([run])
    of_report = big_numbers(figures)[1]
    assessed = overview_of_assessment("run", figures, verdict(figures), family_rows(figures), ())
    for shown in (overview_of_sweep(Swept("run", run)), assessed):
        (number,) = (number for number in shown.numbers if number.name in ("kept", "recall"))
        assert (number.text, number.caption.rpartition(" (")[0]) == (of_report.value, of_report.what) == (
            "80 %", "of the 5 clean images of class 1 are right",
        )  # fmt: skip
        assert number.caption.rpartition(" (")[2] == "37–97)" and "Share of the images of a class" in number.explanation
    assert headline_of(figures) == "80 % of clean images of class 1 right", "in the list of runs"


def test_a_combination_that_was_measured_is_named_where_the_others_are_said_to_be_applied_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    register(combined("scan", [("rotation", 5), ("contrast", 0.3)], title="poor scanning"))

    def figures(name, right):
        swept = [("scan", (50.0, 100.0)), ("fog", (20, 40))]
        return Figures.of([sweep_of(tmp_path / name, family, right, given, name=name) for family, given in swept])

    right = {name: np.arange(90)[:, None, None] < [[[80], [count]]] for name, count in (("a", 70), ("b", 9))}
    own, other = (figures(name, right[name]) for name in right)
    told = "The degradations were applied one at a time, except for poor scanning, which applies several in turn. {}"
    more = told.format("Other combinations may do far more harm; to measure this, see ")
    may = told.format("With other combinations, the comparison may come out differently; to measure this, see ")
    for forgotten in (False, True):  # the run has recorded it
        if forgotten:
            registry._registered.clear()
            own, other = (Figures.of([open_run(f.run.path) for f in one.families]) for one in (own, other))
        assert own.how_applied[0].startswith(more)
        assert applied_note(family_rows(own)).startswith(more)
        assert may in compare(tmp_path / "a", tmp_path / "b").summary()
        assert applied_notes([pair_of_assessments(own, other, "b")])[0].startswith(may)
    runs = [[open_run(tmp_path / name / family) for family in ("scan", "fog")] for name in ("a", "b")]
    assert lead(RemedyComparison(*runs)).startswith("Averaged over 2 degradations, accuracy falls")
