"""Numbers and results in the overview of a search, and minimum noise beside that of others, by hand; no window."""

from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import CLASSES, sweep_of

from made_runs import made_search
from tfstab import SearchConfig
from tfstab.assessment import Figures
from tfstab.assessment.verdict import verdict
from tfstab.errors import InputError
from tfstab.gui.content.assessment_overview import overview_of_assessment
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.pair_numbers import columns_of, numbers_of
from tfstab.gui.content.pairing import better, pair_of_assessments, pair_of_sweeps
from tfstab.gui.content.result_filter import FOUND, MISSING, WRONG, ResultFilter
from tfstab.gui.content.search_overview import headline_of_search, overview_of_search

NOISE = [8.0, 4.0, np.inf, 20.0]  # of four images of classes 0, 0, 1 and 2; the last is wrong when clean


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    run = made_search(tmp_path_factory.mktemp("search") / "run", NOISE, labels=[0, 0, 1, 2], clean=[0, 0, 1, 0])
    return run, [Entry.of(result) for result in run]


def test_the_numbers_of_a_search(searched):
    run, entries = searched
    shown = overview_of_search(run, ("run", entries), [("other", entries[1:]), ("empty", [])])
    texts = {number.name: (number.text, number.beside) for number in shown.numbers}
    assert texts == {
        "median": ("L2 8.0", ("L2 4.0 in other",)),
        "found": ("2 of 3", ("1 of 2 in other",)),
        "wrong": ("1 of 4", ("1 of 3 in other",)),
    }
    apart = overview_of_search(run, ("run", entries), [("other", entries[1:])], ["other"])
    assert not any(number.beside for number in apart.numbers) and apart.histogram.names == ("run", "other")
    assert headline_of_search(entries) == "median L2 8.0" and headline_of_search(entries[2:]) == ""
    assert shown.histogram.note == (
        "Not shown: 1 image is wrong when clean and needs no noise; for 1 no noise was found."
    )
    assert [counts.sum() for counts in shown.histogram.counts] == [2, 1]
    assert shown.histogram.edges[0] == 0 and shown.histogram.edges[-1] == 8
    (boxed,) = shown.classes
    assert (boxed.name, boxed.sizes.tolist(), boxed.images.tolist(), boxed.missing) == ("0", [4, 8], [1, 0], 0)
    assert boxed.quartiles == (4, 6, 8)
    assert shown.confusion.tolist() == [[0, 2, 0], [0, 0, 0], [0, 0, 0]]
    (pair,) = shown.pairs
    assert (pair.said, pair.image, pair.key, pair.example) == ("2 of 2 images", 1, None, 2)
    assert [weak.image for weak in shown.weakest] == [1, 0]


def test_searches_in_other_norms_are_not_in_the_histogram(searched):
    run, entries = searched
    others = [("linf", [replace(entry, norm="linf") for entry in entries]), ("same", entries)]
    assert overview_of_search(run, ("run", entries), others).histogram.names == ("run", "same")


def test_a_search_of_images_that_are_wrong_when_clean_shows_how_many(tmp_path):
    run = made_search(tmp_path / "run", [5.0], clean=[1])
    shown = overview_of_search(run, ("run", [Entry.of(result) for result in run]))
    assert [(number.name, number.text) for number in shown.numbers] == [("wrong", "1 of 1")]
    assert not len(shown.histogram.edges) and not shown.pairs and not shown.classes


def test_a_search_of_an_assessment_claims_no_accuracy_of_its_chosen_images(tmp_path):
    run = made_search(tmp_path / "search", [5.0, 6.0])
    entries = [Entry.of(result) for result in run]
    assert "100 %" in " ".join(overview_of_search(run, ("run", entries)).verdict)
    (tmp_path / ".assess.lock").touch()
    (said,) = overview_of_search(run, ("run", entries)).verdict
    assert said.startswith("This search has 2 images. An assessment searches only images that are right when clean, so")
    assert "they say nothing about the network's accuracy. The smallest noise" in said and "100 %" not in said


def test_which_results_are_listed(searched):
    _, entries = searched
    cases = {
        ResultFilter(): ([0, 1, 2, 3], ""),
        ResultFilter(outcome=WRONG): ([3], "wrong when clean"),
        ResultFilter(outcome=MISSING): ([2], "not found"),
        ResultFilter(outcome=FOUND, low=5, high=8): ([0], "found, L2 5.0 to 8.0"),
        ResultFilter(low=4, high=4): ([1], "L2 4.0 to 4.0"),
        ResultFilter(actual=0, predicted=1): ([0, 1], "a → b"),
        ResultFilter(predicted=2): ([], "any class → c"),
        ResultFilter(actual=2): ([3], "c"),
    }
    for chosen, (places, said) in cases.items():
        assert chosen.places(entries).tolist() == places and chosen.said("abc", "L2") == said
        assert ResultFilter.of(chosen.values(), 3) == chosen
    assert ResultFilter(low=0.5).places(entries).tolist() == [0, 1], "the others have no noise"
    assert [replace(entries[0], size=size).outcome for size in (0.5, 0.0)] == ["L2 0.5", "wrong clean"]
    for wrong in ({"actual": 3}, {"outcome": "lost"}, {"low": 5, "high": 4}, {"low": "5"}, {"predicted": True}, []):
        with pytest.raises(InputError):
            ResultFilter.of(wrong, 3)


def test_noise_that_was_searched_in_another_way_is_not_shown_beside_the_number(tmp_path):
    def figures(name, engine):
        return Figures.of([made_search(tmp_path / name, np.arange(1.0, 10), config=SearchConfig(engine), name=name)])

    own = figures("own", "boundary")
    others = [("like", figures("like", "boundary")), ("unlike", figures("unlike", "pygad"))]
    shown = overview_of_assessment("own", own, verdict(own), (), range(4), others)
    (noise,) = (number for number in shown.numbers if number.name == "noise")
    assert noise.beside == ("L2 5.0 in like",)
    assert noise.images.endswith("compares the networks under each degradation on the images in common.")
    assert shown.findings[-1].startswith("The minimum noise of unlike is not compared: only one of the searches uses")


def test_the_minimum_noise_of_two_networks_has_a_row_with_its_ratio(tmp_path):
    def figures(name, sizes=None, engine="boundary"):
        runs = [sweep_of(tmp_path / name, "fog", np.ones((20, 3, 1), bool), name=name)]
        if sizes is not None:
            labels, given = np.arange(20) % CLASSES, {"config": SearchConfig(engine), "name": name}
            runs += [made_search(tmp_path / name / "search", sizes, labels, classes=CLASSES, **given)]
        return Figures.of(runs)

    sizes = 10 + np.arange(20.0)
    own, other = figures("own", 2 * sizes), figures("other", sizes)
    pairing = pair_of_assessments(own, other, "other")
    (row,) = (row for row in pairing.rows if row.title == "minimum noise")
    assert row.texts == ("L2 20", "L2 39", "median of ratios 2.00 (2.00 to 2.00)") and row.paired.count == 20
    assert better(row, *pairing.names("own")) == "own"
    assert row.noise.said("other", "own").startswith("The median L2 of the noise found is 19.5 grey levels ('other')")
    columns, lines = columns_of([pairing]), numbers_of("own", [pairing])
    (line,) = (dict(zip(columns, line, strict=True)) for line in lines if line[0] == "minimum noise")
    assert (line["second divided by first (median)"], line["images"], line["better"]) == (2, 20, "own")
    assert line["from"] == "" and "second divided by first (median)" not in columns_of([pair_of_sweeps_of(own, other)])

    reasons = {}
    for name, searched in (("none", figures("none")), ("unlike", figures("unlike", sizes, "pygad"))):
        (row,) = (r for r in pair_of_assessments(own, searched, name).rows if r.title == "minimum noise")
        reasons[name] = row.reason
        assert row.paired is None and row.problem.lower().startswith(row.reason.lower())
    assert reasons["none"] == "none has no search for the minimum noise"
    assert reasons["unlike"].startswith("only one of the searches uses gradients"), "after: not compared:"
    assert not any(row.title == "minimum noise" for row in pair_of_assessments(figures("bare"), own, "own").rows)


def pair_of_sweeps_of(own, other):
    return pair_of_sweeps(own.families[0].run, other.families[0].run, "other")
