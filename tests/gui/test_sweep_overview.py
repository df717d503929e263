"""Numbers, class bars and examples in the overview of a sweep, against values worked out by hand; no window."""

import re
from dataclasses import replace

import numpy as np
import pytest
from assessment_runs import sweep_of

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.assessment import Figures
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.verdict import verdict
from tfstab.gui.content.assessment_overview import numbers_of, overview_of_assessment
from tfstab.gui.content.class_bars import BOTH, bars_of_assessment, bars_of_sweep
from tfstab.gui.content.comparison import Compared, headline
from tfstab.gui.content.examples import LARGEST, MOST_PAIRS, pairs_of_sweep, small, weakest_of_sweep
from tfstab.gui.content.overview import INTERVAL, Number, Swept, ends_of, headline_of_sweep, overview_of_sweep
from tfstab.gui.content.pairing import pair_of_sweeps, points
from tfstab.gui.content.robustness import family_rows, in_words
from tfstab.gui.theme import BAD, MIDDLE, PLAIN
from tfstab.report import sweep_json
from tfstab.report.numbers import big_numbers
from tfstab.report.sweep_tables import headline as headline_text

# Of four images, two of class 0 and two of class 1, the last is wrong when clean. First severity: sigma 10.
TAKEN = np.array([[[1, 0], [0, 0]], [[1, 2], [0, 1]], [[1, 1], [1, 1]], [[2, 2], [2, 2]]])
CLEAN = [0, 0, 1, 2]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    config = SweepConfig(sigmas=(10, 5), copies=2)
    run = made_sweep(tmp_path_factory.mktemp("sweep") / "run", config, TAKEN, labels=[0, 0, 1, 1], clean=CLEAN)
    return Swept("run", run)


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


def pairs_of(run, most=MOST_PAIRS):
    return pairs_of_sweep(run, run.measures, run.measures.confusion_shares(), most)


def test_numbers_are_explained():
    whole = Number("kept", "1", "kept (1–2)", "accuracy kept").explanation
    bare = Number("kept", "1", "kept", "accuracy kept").explanation
    assert bare and whole == bare + INTERVAL
    own = Number("kept", "1", "(1–2)", "accuracy kept", "A tip.", ("2 in b", "3 in c"))
    assert own.explanation == "A tip.\n2 in b\n3 in c"
    assert Number("kept", "1", "(1–2)", "no such term").explanation == ""


def test_leading_confusions_show_the_mildest_copy_of_the_image_that_is_taken_most_often(swept):
    run = swept.run
    pairs = pairs_of(run)
    assert [(p.actual, p.predicted, p.said) for p in pairs] == [
        (1, 2, "50 % of its copies"), (0, 1, "38 % of its copies"), (0, 2, "12 % of its copies"),
    ]  # fmt: skip
    # No image of class 2 is right when clean, and only an image that is wrong when clean is taken for it.
    assert (pairs[0].key, pairs[0].example) == ((3, 1, 0), None)
    assert (pairs[1].key, pairs[1].example) == ((1, 1, 1), 2)  # sigma 5, although sigma 10 comes first
    assert (pairs[1].taken == np.rint(run.degraded_image(1, 1, 1)).clip(0, 255)).all()
    assert (pairs[1].typical == run.clean.images[run.clean.row(2)]).all()
    assert [(p.actual, p.predicted) for p in pairs_of(run, most=1)] == [(1, 2)]


def test_the_weakest_images_are_right_when_clean_and_lost_first(swept):
    weakest = overview_of_sweep(swept).weakest
    assert [(w.image, w.class_index, w.classes, w.said) for w in weakest] == [
        (1, 0, "0 → 1", "half lost at sigma 5"), (0, 0, "0 → 1", "half lost at sigma 10"),
    ]  # fmt: skip
    bars = bars_of_sweep(swept.run, swept.measures, {1: BOTH}).bars
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


def test_a_class_that_is_harmed_more_is_marked_though_it_is_not_weaker_than_the_others(tmp_path):
    """Of 80 images each, class 2 is right on all when clean and 44 by noise, the others on 45 and 43."""
    labels, number = np.repeat([0, 1, 2], 80), np.tile(np.arange(80), 3)
    clean, taken = (
        np.where(number < np.where(labels == 2, *right), labels, (labels + 1) % 3) for right in ((80, 45), (44, 43))
    )
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10,), copies=1), taken[:, None, None], labels, clean)
    bars = overview_of_sweep(Swept("run", run)).classes.bars
    assert [(bar.name, bar.tone) for bar in bars] == [("0", PLAIN), ("1", PLAIN), ("2", MIDDLE)]
    assert bars[2].tip.endswith("It is harmed more by degradation than the others") and "weaker" not in bars[2].tip
    told = [found.about for found in verdict(Figures.of([run])).findings if found.kind == "harmed classes"]
    assert told == [("2",)]


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
        kept, _, tenth = half.caption.replace("at sigma", "under Gaussian noise at sigma").partition("; ")
        assert (of_report.value, of_report.what) == (said, kept)
        assert tenth == ("a tenth of it is lost probably before sigma 5" if lost else "")


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
    said = f"halves its accuracy ({ends_of(half)}); a tenth of it is lost before sigma 10"
    (of_assessment,) = (number for number in numbers_of(Figures.of([run])) if number.name == "half")
    assert numbers[-1].caption == said and of_assessment.caption == f"of Gaussian noise {said}"
    assert "In brackets: the 95 % interval." in numbers[-1].explanation
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
    assert [pair.said for pair in pairs_of(run)] == [f"{said} of its copies"]
