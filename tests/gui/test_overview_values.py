"""What overviews show, against values worked out by hand; no window."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import CLASSES, sweep_of

from made_runs import made_search, made_sweep
from tfstab import SearchConfig, SweepConfig, open_run
from tfstab.assessment import Figures
from tfstab.assessment.chance import lost_from
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.levels import ABOVE
from tfstab.assessment.verdict import verdict
from tfstab.errors import InputError
from tfstab.experiments import FolderComparison
from tfstab.experiments.folders_compared import Folder
from tfstab.gui.content.assessment_overview import overview_of_assessment
from tfstab.gui.content.class_bars import bars_of_assessment, bars_of_sweep
from tfstab.gui.content.comparison import Compared, headline
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.examples import LARGEST, pairs_of_sweep, small, weakest_of_sweep
from tfstab.gui.content.overview import INTERVAL, Number, Swept, ends_of, headline_of_sweep, overview_of_sweep
from tfstab.gui.content.pair_numbers import columns_of, numbers_of
from tfstab.gui.content.pair_sentences import in_short
from tfstab.gui.content.pairing import better, pair_of_assessments, pair_of_sweeps, points
from tfstab.gui.content.result_filter import FOUND, MISSING, WRONG, ResultFilter
from tfstab.gui.content.robustness import family_rows, in_words, one_way_note
from tfstab.gui.content.search_overview import headline_of_search, overview_of_search
from tfstab.gui.sessions.assessment_session import headline_of
from tfstab.gui.theme import BAD, MIDDLE, PLAIN
from tfstab.report import sweep_json
from tfstab.report.numbers import big_numbers, family_table
from tfstab.report.sweep_tables import headline as headline_text

# Of four images, two of class 0 and two of class 1, the last is wrong when clean. First severity: sigma 10.
TAKEN = np.array([[[1, 0], [0, 0]], [[1, 2], [0, 1]], [[1, 1], [1, 1]], [[2, 2], [2, 2]]])
CLEAN = [0, 0, 1, 2]
NOISE = [8.0, 4.0, np.inf, 20.0]  # of four images of classes 0, 0, 1 and 2; the last is wrong when clean


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    config = SweepConfig(sigmas=(10, 5), copies=2)
    run = made_sweep(tmp_path_factory.mktemp("sweep") / "run", config, TAKEN, labels=[0, 0, 1, 1], clean=CLEAN)
    return Swept("run", run)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    run = made_search(tmp_path_factory.mktemp("search") / "run", NOISE, labels=[0, 0, 1, 2], clean=[0, 0, 1, 0])
    return run, [Entry.of(result) for result in run]


def test_the_numbers_of_a_sweep_and_those_beside_it(tmp_path):
    """Each image twice, so that there are enough for a figure."""
    config = SweepConfig(sigmas=(10, 5), copies=2)
    run = made_sweep(tmp_path / "run", config, TAKEN.repeat(2, 0), np.repeat([0, 1], 4), np.repeat(CLEAN, 2))
    swept = Swept("run", run)
    shown = overview_of_sweep(swept, [Swept("other", swept.run)])
    texts = {number.name: number.text for number in shown.numbers}
    assert texts == {"clean": "75 %", "accuracy": "50 %", "kept": "67 %", "half": "sigma 10"}
    assert [number.beside for number in shown.numbers] == [(f"{text} in other",) for text in texts.values()]
    assert headline_of_sweep(swept.measures) == "50 % over all noise" and shown.classes.more == 0
    assert [curve.accuracy.tolist() for curve in shown.curves] == [[0.625, 0.375]] * 2
    (first, *_) = shown.verdict
    assert first.startswith("Of 8 clean images, 75 %") or "keeps 67 %" in " ".join(shown.verdict)


def test_numbers_are_explained():
    whole = Number("kept", "1", "kept (1–2)", "accuracy kept").explanation
    bare = Number("kept", "1", "kept", "accuracy kept").explanation
    assert bare and whole == bare + INTERVAL
    own = Number("kept", "1", "(1–2)", "accuracy kept", "A tip.", ("2 in b", "3 in c"))
    assert own.explanation == "A tip.\n2 in b\n3 in c"
    assert Number("kept", "1", "(1–2)", "no such term").explanation == ""


def test_leading_confusions_show_the_mildest_copy_of_the_image_that_is_taken_most_often(swept):
    run = swept.run
    pairs = pairs_of_sweep(run, swept.measures)
    assert [(p.actual, p.predicted, p.said) for p in pairs] == [
        (1, 2, "50 % of its copies"), (0, 1, "38 % of its copies"), (0, 2, "12 % of its copies"),
    ]  # fmt: skip
    # No image of class 2 is right when clean, and only an image that is wrong when clean is taken for it.
    assert (pairs[0].key, pairs[0].example) == ((3, 1, 0), None)
    assert (pairs[1].key, pairs[1].example) == ((1, 1, 1), 2)  # sigma 5, although sigma 10 comes first
    assert (pairs[1].taken == np.rint(run.degraded_image(1, 1, 1)).clip(0, 255)).all()
    assert (pairs[1].typical == run.clean.images[run.clean.row(2)]).all()
    assert [(p.actual, p.predicted) for p in pairs_of_sweep(run, swept.measures, most=1)] == [(1, 2)]


def test_the_weakest_images_are_right_when_clean_and_lost_first(swept):
    weakest = overview_of_sweep(swept).weakest
    assert [(w.image, w.class_index, w.classes, w.said) for w in weakest] == [
        (1, 0, "0 → 1", "half lost at sigma 5"), (0, 0, "0 → 1", "half lost at sigma 10"),
    ]  # fmt: skip
    bars = bars_of_sweep(swept.run, swept.measures, {1: BAD}).bars
    assert [(bar.class_index, bar.share, bar.text, bar.tone) for bar in bars] == [
        (0, 0.5, "50 % of 2", PLAIN), (1, 0.5, "50 % of 2", BAD),
    ]  # fmt: skip


def test_a_weak_image_with_one_copy_at_each_severity_is_lost_not_half_lost(tmp_path):
    config = SweepConfig(sigmas=(5, 10, 20), copies=1)
    taken = np.array([[[0], [1], [0]], [[0], [0], [0]]])
    run = made_sweep(tmp_path / "one", config, taken, [0, 0], classes=2)
    (weak,) = weakest_of_sweep(run, run.measures)
    assert (weak.image, weak.said) == (0, "lost at sigma 10")
    assert weak.tip.endswith("33 % of its copies are misclassified, the mildest of them at sigma 10")


def test_bars_of_classes_have_what_compared_runs_have_of_the_class_of_the_same_name(tmp_path):
    def fogged(name, wrong, images=40, degradation="fog"):
        """Of two classes, so many of the first images of each are wrong."""
        labels = np.arange(images) % 2
        taken = np.where(np.arange(images) // 2 < np.array(wrong)[labels], 1 - labels, labels)
        config = SweepConfig(degradation=degradation, severities=(20, 40), copies=1)
        return Swept(name, made_sweep(tmp_path / name, config, taken[:, None, None], labels, classes=2))

    own, other, few = fogged("own", (10, 8)), fogged("other", (5, 4)), fogged("few", (5, 4), images=20)
    contrast = fogged("contrast", (5, 4), degradation="contrast")

    def of_assessment(*runs):
        return bars_of_assessment(Figures.of([own.run]), [(swept.name, Figures.of([swept.run])) for swept in runs])

    for shown in (overview_of_sweep(own, [other]).classes, of_assessment(other)):
        assert [(bar.name, bar.share, bar.others) for bar in shown.bars] == [("0", 0.5, (0.75,)), ("1", 0.6, (0.8,))]
        assert shown.bars[0].beside.startswith("\nother: 75 % (") and (shown.others, shown.apart) == (("other",), "")
    for shown in (overview_of_sweep(own, [few]).classes, of_assessment(few)):
        assert shown.bars[0].others == (0.5,) and shown.apart == ", each run on its own images"
    assert of_assessment(contrast).apart == ", each run under its own degradations"
    renamed = replace(other.compared, classes=("1", "x"))  # its first class is the second one here
    bars = bars_of_sweep(own.run, own.measures, {}, [renamed]).bars
    assert np.isnan(bars[0].others).all() and bars[0].beside == "\nother: –", "it has no class of this name"
    assert bars[1].others == (0.75,)


def test_a_class_that_is_weak_when_clean_is_marked_too_but_not_as_harmed(tmp_path):
    """Class 1 loses nothing by noise: 12 of its 40 images are right, clean or not; of the others all, then half."""

    def levels(run):
        return [found.level for found in verdict(Figures.of([run])).findings if found.kind == "class"]

    labels, number = np.repeat([0, 1, 2], 40), np.tile(np.arange(40), 3)
    clean = np.where((labels == 1) & (number >= 12), 0, labels)
    taken = np.where(labels == 1, clean, np.where(number < 26, labels, 1))[:, None, None]
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10,), copies=1), taken, labels, clean)
    shown = overview_of_sweep(Swept("run", run))
    assert [(bar.name, bar.tone) for bar in shown.classes.bars] == [("1", MIDDLE), ("0", PLAIN), ("2", PLAIN)]
    assert levels(run) == ["mid"] and "harmed" not in shown.classes.bars[0].tip
    # The other way round: all clean images are right, and noise takes only those of class 1.
    harmed = np.where((labels == 1) & (number >= 12), 0, labels)[:, None, None]
    run = made_sweep(tmp_path / "harmed", SweepConfig(sigmas=(10,), copies=1), harmed, labels)
    shown = overview_of_sweep(Swept("run", run))
    assert [(bar.name, bar.tone) for bar in shown.classes.bars] == [("1", BAD), ("0", PLAIN), ("2", PLAIN)]
    assert levels(run) == ["bad"] and "harmed more by degradation" in shown.classes.bars[0].tip


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
    assert list(family_table(figures).notes) == [ABOVE]
    sweep_of(tmp_path, "jpeg", ((np.arange(60) >= 4) & (np.arange(60) < 33))[:, None, None], (20,), clean=clean)
    less = Figures.of([open_run(tmp_path / "jpeg")])
    assert less.families[0].kept.value < 1 < less.families[0].kept.high and not family_table(less).notes


def test_numbers_and_curves_say_of_how_many_images_they_are(tmp_path):
    """Of 60 clean images 30 are right; 20 are swept in fog, of which 10 are right when clean, and 40 under noise."""
    right, clean = np.ones((60, 1, 1), bool), np.arange(60) % 2 == 0
    for family, count in (("fog", 20), ("gaussian_noise", 40), ("jpeg", 60)):
        sweep_of(tmp_path, family, right[:count], (20,), clean=clean[:count])
    swept = overview_of_sweep(Swept("fog", open_run(tmp_path / "fog")))
    assert [number.images for number in swept.numbers] == ["", "Of 20 images.", "Of 20 images.", "Of 20 images."]
    assert swept.numbers[0].caption.startswith("clean accuracy of 20 images (")
    assert swept.curves[0].key == (
        "Solid: 20 images, with the 95 % interval; 50 % are right when clean. Dashed: only the 10 that are right when "
        "clean."
    )
    figures = Figures.of([open_run(tmp_path / family) for family in ("fog", "gaussian_noise", "jpeg")])
    shown = overview_of_assessment("own", figures, verdict(figures), family_rows(figures), range(4))
    numbers = {number.name: number for number in shown.numbers}
    assert numbers["clean"].caption.startswith("clean accuracy of 60 images (")
    assert numbers["clean"].explanation.endswith("Click to see the misclassified ones of 40 images.")
    assert "Of 20 to 60 images under each degradation." in numbers["kept"].explanation
    assert "Of 40 images." in numbers["half"].explanation and shown.shown.curves[0].key.startswith("Solid: 40 images,")


def test_the_tool_tip_of_a_cell_adds_up(tmp_path):
    """Of 40 images 30 are right when clean; 10 of these are lost, and 4 of the others become right."""
    clean, right = np.arange(40) < 30, (np.arange(40) >= 10) & (np.arange(40) < 34)
    (row,) = family_rows(Figures.of([sweep_of(tmp_path, "fog", right[:, None, None], (20,), clean=clean)]))
    assert in_words(row, row.cells[0]).endswith(
        "of the accuracy is kept: 60 % of 40 images are right, 75 % when clean; 10 of the 30 that are right when clean "
        "are lost"
    )


def test_runs_of_other_images_are_compared_on_those_in_common_if_they_are_enough(tmp_path):
    """Of 40 images, this run gets all right; the other one, of the first ones, gets each second one wrong."""

    def swept(name, count, wrong):
        taken = (np.arange(count) % 2 * wrong)[:, None, None]
        run = made_sweep(tmp_path / f"{name}{count}", SweepConfig(sigmas=(10,), copies=1), taken, np.zeros(count, int))
        return Swept(name, run)

    own, other = swept("this", 40, 0), swept("other", 30, 1)
    (said,) = overview_of_sweep(own, [other]).unlike
    assert said.startswith("other was measured on other images: 40 in this run, 30 in that one, 30 in common. So their")
    difference = pair_of_sweeps(own.run, other.run, "other").overall
    assert difference.count == 30 and difference.value == 0.5
    assert f" On images in common, 'this' minus 'other': {points(difference)} points over all degraded copies" in said
    (few,) = overview_of_sweep(own, [swept("other", 19, 1)]).unlike
    assert few.endswith("19 in common. So their figures may also differ because of the images.")
    assert not overview_of_sweep(own, [swept("same", 40, 1)]).unlike


def test_severities_on_both_sides_have_no_half_and_few_errors_do_not_halve(tmp_path):
    config = SweepConfig(degradation="brightness", severities=(-40, 40))
    run = made_sweep(tmp_path / "both", config, np.zeros((2, 2, 1), int))
    shown = overview_of_sweep(Swept("run", run))
    assert [number.name for number in shown.numbers] == ["clean", "accuracy", "kept"]
    assert not shown.pairs and not shown.weakest
    for name, lost, said in (("none", 0, "100 %"), ("some", 2, "80 %")):
        predicted = (np.arange(10) < lost).astype(int)[:, None, None] * np.ones((1, 2, 1), int)
        run = made_sweep(tmp_path / name, SweepConfig(sigmas=(5, 9), copies=1), predicted, np.zeros(10, int))
        half = overview_of_sweep(Swept("run", run)).numbers[-1]
        assert half.text == said
        assert half.caption.startswith("of its accuracy is kept at sigma 9, the strongest tried (")
        of_report = big_numbers(Figures.of([run]))[2]
        kept = half.caption.replace("at sigma", "under Gaussian noise at sigma")
        assert (of_report.value, of_report.what) == (said, kept)


def test_an_accuracy_kept_is_not_put_beside_a_severity_that_halves_it_without_saying_so(tmp_path):
    runs = {}
    for name, lost, sigmas in (("none", 0, (5, 9)), ("most", 9, (5, 9)), ("also", 1, (5, 9)), ("weak", 1, (5, 8))):
        predicted = (np.arange(10)[:, None, None] < lost) * np.array([0, 1])[:, None]
        config = SweepConfig(sigmas=sigmas, copies=1)
        runs[name] = Swept(name, made_sweep(tmp_path / name, config, predicted.astype(int), np.zeros(10, int)))

    def half(own, other):
        mine, theirs = (overview_of_sweep(runs[name], []).numbers[-1] for name in (own, other))
        shown = overview_of_sweep(runs[own], [runs[other]]).numbers[-1]
        assert replace(shown, beside=()) == mine
        return shown.beside, (f"{theirs.text} in {other}",), (f"in {other}, {theirs.text} {theirs.caption}",)

    for own, other, alike in (("none", "also", True), ("none", "most", False), ("most", "none", False),
                              ("none", "weak", False)):  # fmt: skip
        said, short, long = half(own, other)
        assert said == (short if alike else long)
    assert re.fullmatch(r"in most, sigma [\d.]+ halves its accuracy \(.*\)", half("none", "most")[0][0])
    assert half("most", "none")[0][0].startswith("in none, 100 % of its accuracy is kept at sigma 9, the strongest")


def test_the_severity_that_halves_the_accuracy_has_one_interval(tmp_path):
    """The same on the overview, in the table of metrics, in text and in JSON."""
    predicted = np.arange(40)[:, None, None] < np.array([10, 18, 36])[:, None]
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10, 20, 40), copies=1), predicted.astype(int))
    half, numbers = FamilyFigures.of(run).severity50, overview_of_sweep(Swept("run", run)).numbers
    assert numbers[-1].caption == f"halves its accuracy ({ends_of(half)})"
    assert half.low < half.value < half.high < np.inf
    line = headline(Compared("run", run.class_names, run.measures))
    assert [*line.ends["severity50"]] == sweep_json(run)["sigma50"]["interval_95"] == [half.low, half.high]
    said = f"sigma50 (half of the clean accuracy): {half.value:.3g} ({half.low:.3g} to {half.high:.3g}) grey levels"
    assert said in headline_text(run)


def test_nothing_is_right_when_clean(tmp_path):
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1), np.ones((2, 1, 1), int), clean=[1, 1])
    shown = overview_of_sweep(Swept("run", run))
    assert {number.name: number.text for number in shown.numbers} == {"clean": "0 %", "accuracy": "0 %", "kept": "–"}
    assert [pair.example for pair in shown.pairs] == [None] and not shown.weakest


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


def test_large_pictures_are_reduced():
    photograph = np.random.default_rng(0).uniform(-20, 280, (3 * LARGEST, 2 * LARGEST, 3))
    assert small(photograph).shape == (LARGEST, 2 * LARGEST // 3, 3) and small(photograph).dtype == np.uint8
    assert small(photograph[..., :1]).shape == (LARGEST, 2 * LARGEST // 3, 1)
    digit = np.zeros((28, 28, 1), np.uint8)
    assert small(digit) is digit


@pytest.mark.parametrize(
    ("images", "said"), [(9, "1 %"), (10, "under 1 %"), (13, "under 1 %")]
)  # of 180, 200, 260 copies
def test_a_share_that_would_be_rounded_to_none_is_under_one_percent(tmp_path, images, said):
    taken = np.zeros((images, 1, 20), int)
    taken[0, 0, 0] = 1
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10,), copies=20), taken)
    assert [pair.said for pair in pairs_of_sweep(run, run.measures)] == [f"{said} of its copies"]


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
    note = one_way_note(family_rows(own))
    assert note.startswith("Measured in one direction only: ") and "rotation (clockwise, up to 20 degrees)" in note
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
    assert told.startswith("In short: 'one' is better than 'other' ") and "under 1 degradation" in told
    assert "in minimum noise" in told
    own, other = (Figures.of([*folder.sweeps.values(), folder.search]) for folder in (second, first))
    assert in_short(pair_of_assessments(own, other, "other"), "one") == f"{told} "
    assert in_short(pair_of_assessments(own, own, "itself"), "one") == ""


def pair_of_sweeps_of(own, other):
    return pair_of_sweeps(own.families[0].run, other.families[0].run, "other")


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
