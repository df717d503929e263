"""Comparisons say how much accuracy the second network may have lost at most, on clean images and when degraded."""

import functools
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab import SweepConfig, compare
from tfstab.cli.app import app
from tfstab.experiments.possible_loss import possible_loss
from tfstab.gui.content.pair_sentences import sentence
from tfstab.gui.content.pairing import pair_of_sweeps
from tfstab.metrics.paired import mean_difference
from tfstab.runs.growth import in_sweep_order

IMAGES = 400


def _network(folder, name, wrong):
    """Sweeps in which so many images are wrong when clean, and under each degradation."""
    for family, count in wrong.items():
        if family != "clean":
            config = SweepConfig(degradation=family, severities=(20, 40), copies=1)
            taken, clean = ((np.arange(IMAGES) < n).astype(int) for n in (count, wrong["clean"]))
            made_sweep(folder / name / family, config, taken[:, None, None], clean=clean, name=name)
    return folder / name


def test_a_comparison_says_how_much_less_accurate_the_second_network_is_at_most(tmp_path):
    old = _network(tmp_path, "old", {"clean": 9, "fog": 20, "jpeg": 90, "gamma": 30})
    new = _network(tmp_path, "new", {"clean": 10, "fog": 26, "jpeg": 40, "gamma": 31})
    both = compare(old, new)
    lows = both.to_pandas()["low"]
    loss = both.possible_loss
    assert (loss.clean, loss.degraded) == (-both.largest.clean.low, -lows.min()) and lows.idxmin() == "fog"
    assert loss.clean < loss.degraded == pytest.approx(0.0296, abs=1e-3)
    said = (
        "With 95 % confidence, 'new' is at most 1.4 points less accurate than 'old' on clean images, and at most 3.1 "
        "points less accurate under each of the 3 degradations, averaged over its severities. The largest loss is "
        "possible under fog."
    )
    assert said in both.summary().splitlines()
    printed = CliRunner().invoke(app, ["compare", str(old), str(new)]).output
    assert said in " ".join(printed.split())
    (entry,) = json.loads(CliRunner().invoke(app, ["compare", str(old), str(new), "--json"]).output)
    assert entry["possible_loss"] == {"clean": loss.clean, "degraded": loss.degraded}


def test_a_single_sweep_has_the_limit_of_its_severities_in_the_viewer_too(tmp_path):
    folders = [_network(tmp_path, name, {"clean": 9, "fog": count}) for name, count in (("old", 20), ("new", 26))]
    both = compare(*(folder / "fog" for folder in folders))
    said = both.possible_loss.sentence("'old'", "'new'")
    assert said == (
        "With 95 % confidence, 'new' is at most 1.0 points less accurate than 'old' on clean images, and at most 3.1 "
        "points less accurate at each of the 2 severities. The largest loss is possible at density 20 %."
    )
    assert said in both.summary()
    assert said in sentence(pair_of_sweeps(both.second, both.first, "old"), "new")
    of_right = pair_of_sweeps(both.second, both.first, "old", clean_correct=True)
    assert "With 95 % confidence" not in sentence(of_right, "new"), "its accuracies are of other images"


def _two_classes(folder, name, lost):
    """A sweep of 16 stop signs (class 0) and 400 others; so many of the signs are lost under fog."""
    labels = np.repeat([0, 1], [16, 400])
    foggy = np.where(np.arange(len(labels)) < lost, 2, labels)[:, None, None]
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    made_sweep(folder / name / "fog", config, foggy, labels, labels, name=name)
    return folder / name


def test_a_gate_on_a_class_says_which_loss_its_few_images_leave_possible(tmp_path):
    """One of 16 images is lost under fog. Clean recall has half of the 5 % of errors, three other figures the rest."""
    runs = [_two_classes(tmp_path, name, lost) for name, lost in (("old", 0), ("new", 1))]
    both = compare(*runs)
    together = mean_difference(np.ones(16), np.arange(16) > 0, confidence=1 - 0.025 / 3)
    found = both.possible_class_loss("0")
    assert found == both.possible_class_loss(of_classes=["0"])
    assert found.loss == pytest.approx(-together.low) and found.loss > -both.class_table("0")["low"].min() > 0.3
    assert (found.what, found.images) == ("recall of class 0 under fog", 16)
    assert both.possible_class_loss(["0", "1"]).what == found.what and both.possible_class_loss("1").loss < 0.02
    said = (
        "The largest loss of recall that remains possible is 39.0 points: recall of class 0 under fog, compared on 16 "
        "images."
    )
    assert both.worse("0") == () and both.judgement("0").endswith(said) and "remains possible" not in both.judgement()
    gate = ["compare", *map(str, runs), "--class", "0", "--fail-if-worse"]
    passed = CliRunner().invoke(app, gate)
    assert passed.exit_code == 0 and passed.output.endswith(f"{said}\n")
    (entry,) = json.loads(CliRunner().invoke(app, [*gate, "--json"]).output)
    assert entry["possible_class_loss"] == {"loss": found.loss, "what": found.what, "images": 16}
    assert "remains possible" not in compare(runs[0], runs[0]).judgement("0"), "it is the same network"


def test_a_recall_of_which_no_image_was_measured_may_be_lost_altogether(tmp_path, monkeypatch):
    """The new network has scored all 20 images of class 1 when clean, but none of them when degraded."""
    monkeypatch.setattr("made_runs.MOST_ROWS", 20)
    monkeypatch.setattr("made_runs.in_sweep_order", functools.partial(in_sweep_order, order=np.arange(80)))
    labels = np.repeat([0, 1], [60, 20])
    for name in ("old", "new"):
        config = SweepConfig(degradation="fog", severities=(20,), copies=1)
        run = made_sweep(tmp_path / name / "fog", config, labels[:, None, None], labels, labels, name=name)
    *_, last = run.parts.values()
    last.unlink()
    both = compare(tmp_path / "old", tmp_path / "new")
    found = both.possible_class_loss("1")
    assert (found.loss, found.what, found.images) == (1, "recall of class 1 under fog", 0)
    assert both.judgement(["0", "1"]).endswith(
        "The recall of class 1 under fog cannot be compared: no image of the class was measured with both networks."
    )


@pytest.mark.parametrize(
    ("clean", "degraded", "said"),
    [
        (90, 70, "'new' is more accurate than 'old' on clean images and under fog."),
        (90, 10, "'new' is more accurate than 'old' on clean images, and under fog more accurate or at most 10.3 "
                 "points less."),
        (11, 70, "'new' is more accurate than 'old' under fog, and at most 0.9 points less accurate on clean images."),
        (11, 10, "'new' is at most 0.9 points less accurate than 'old' on clean images, and at most 10.3 points less "
                 "accurate under fog."),
        (2, 10, "'new' is less accurate than 'old' on clean images, but not by more than 3.7 points. It is at most "
                "10.3 points less accurate than 'old' under fog."),
        (2, 70, "'new' is more accurate than 'old' under fog, and less accurate on clean images, but not by more than "
                "3.7 points."),
    ],
)  # fmt: skip
def test_where_the_second_network_is_certainly_better_or_worse_the_sentence_says_so(clean, degraded, said):
    """Of 400 images, the first network is wrong on so many when clean and degraded; the second on 10 and on 40."""
    wrong = np.arange(IMAGES)
    on_clean, under = (
        mean_difference(wrong >= first, wrong >= second) for first, second in ((clean, 10), (degraded, 40))
    )
    assert possible_loss(on_clean, [("under fog", under)], "everywhere").sentence("'old'", "'new'") == (
        f"With 95 % confidence, {said}"
    )


def test_better_under_each_degradation_is_only_said_if_tables_decide_it_for_all_at_once():
    """Eight images more of 400 are right: one degradation alone decides this, and nineteen together do not."""
    first, second = np.arange(IMAGES) < 300, np.arange(IMAGES) < 308
    one = mean_difference(first, second)
    assert one.low > 0 and possible_loss(one, [("under fog", one)], "").degraded == -one.low
    assert possible_loss(one, [("under fog", one)] * 19, "everywhere").sentence("'old'", "'new'") == (
        "With 95 % confidence, 'new' is more accurate than 'old' on clean images, and everywhere more accurate or at "
        "most 0.1 points less. The largest loss is possible under fog."
    )


@pytest.mark.parametrize("losing", [1, 19])
def test_the_limits_of_many_degradations_hold_together(losing):
    """The second network loses 4 points on clean images and under one or all of 19 degradations, and gains elsewhere.

    If each difference had only its own limit, one of the twenty would be wrong in 39 of 100 samples.
    """
    rng, trials, images, false = np.random.default_rng(0), 400, 200, 0
    for _ in range(trials):
        samples = rng.choice((-1, 0, 1), (20, images), p=(0.1, 0.84, 0.06))
        samples[1 + losing :] *= -1
        clean, *degraded = (mean_difference(np.zeros(images), values) for values in samples)
        limits = possible_loss(clean, [("", one) for one in degraded], "")
        false += min(limits.clean, limits.degraded) < 0.04
    assert false <= 0.05 * trials
