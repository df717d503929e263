"""Causes and classes of explanations whose figures are given: on which side of each threshold a cause is named."""

import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_explanation
from tfstab.errors import InputError, RunError
from tfstab.explanation import ExplanationConfig, ExplanationRun
from tfstab.explanation import budget as budget_module
from tfstab.explanation.analyses import analyses
from tfstab.explanation.budget import Budget
from tfstab.explanation.cause import Cause, causes_of
from tfstab.explanation.class_causes import clean_causes, margin_causes, pair_causes, slim_classes
from tfstab.explanation.classes import class_ratios, share_in
from tfstab.explanation.config import MOST_COPIES, MOST_QUERIES
from tfstab.explanation.details import OTHERWISE, details, unseen_classes
from tfstab.explanation.direction_causes import direction_causes, high_causes, low_causes
from tfstab.explanation.gain import edge_step, gains_from
from tfstab.explanation.gain_causes import first_step, gain_causes, steps_of
from tfstab.explanation.lead import GO_ON, lead, open_causes
from tfstab.explanation.plan import Piece
from tfstab.explanation.remedies import hardenings
from tfstab.explanation.undecided import undecided
from tfstab.gui.content.why import why_of
from tfstab.metrics import Estimate
from tfstab.report.explanation.cause import section as section_of_cause
from tfstab.report.explanation.layers import section

MORE = "More images, if there are any, may decide this (`--limit`, in Python limit=)."
NAMES = ("cat", "dog", "fox", "owl")
# First kernels that pass high frequencies on 1.5 times as strongly as low ones.
HIGH = {"response": np.where(2 * np.hypot(*np.meshgrid(*[np.fft.fftfreq(10)] * 2)) < 0.3, 1, 1.5)[None]}


def layers(margin, step=1.0, taken=2.0):
    """Arrays of `layers` for one network of input, "dense" and logits, in all of which the margin (N,) is the same.

    taken: how much more noise moves what "dense" takes than other images do; step: and its weights, on top.
    """
    count = len(margin)
    ones, noise = np.ones((count, 3)), np.ones((count, 3))
    return {
        "names": np.array(["input", "dense", "logits"]), "sizes": np.array([4, 2, 3]), "network": np.zeros(3, int),
        "noise_distance": ones, "noise_taken": noise * [1, taken, 2], "noise_linear": noise * [1, taken * step, 2],
        **dict.fromkeys(("image_distance", "image_taken", "image_linear"), np.sqrt(2) * ones),
        "gradient": ones, "margin": np.asarray(margin, float)[:, None], "rival": np.ones((count, 1), int),
    }  # fmt: skip


def explained(arrays, classes, scores=0.95, correct=True, images=None):
    """An explanation of all its images, given the arrays of its analyses; scores, correct: of the true class."""
    classes = np.asarray(classes)
    of_true = np.zeros((len(classes), len(NAMES)))
    of_true[np.arange(len(classes)), classes] = scores
    images = np.zeros((len(classes), 2, 2, 1), np.uint8) if images is None else images
    clean = SimpleNamespace(
        class_index=classes, scores=of_true, correct=np.broadcast_to(correct, classes.shape), images=images
    )
    return SimpleNamespace(
        arrays=arrays.__getitem__, has=arrays.__contains__, clean=clean, rows=np.arange(len(classes)),
        class_names=NAMES, model="made", config=SimpleNamespace(sigma=10.0), path=Path("runs", "nothing", "beside"),
        info={"data": {"note": "", "images": len(classes)}},
    )  # fmt: skip


def whole(run):
    """What an explanation says, without evidence and scope: the lead, what is open, and details."""
    return " ".join(filter(None, [lead(run), open_causes(run), details(run)]))


def turns(count, classes=4):
    """Labels that take turns, and margins near 1."""
    return np.arange(count) % classes, 1 + 0.001 * (np.arange(count) % 7)


@pytest.mark.parametrize(
    ("share", "sure", "slim"), [(0.6, 1, {2}), (0.7, 1, set()), (0.6, 0.65, {2}), (0.6, 0.6, set())]
)
def test_a_class_has_a_slim_margin_below_65_percent_if_most_other_images_are_sure(share, sure, slim):
    classes, margins = turns(400)
    margins = np.where(classes == 2, share, 1) * margins
    others = np.cumsum(classes != 2) <= sure * (classes != 2).sum()
    run = explained({"layers": layers(margins)}, classes, np.where(others, 0.9, 0.89))
    [found] = slim_classes(run)
    assert found.keys() == slim
    if slim:
        assert found[2].value == pytest.approx(share, abs=0.003)


def test_a_class_with_a_slim_margin_stands_out_from_all_others():
    classes, margins = turns(400)
    steps = np.array([0.55, 0.5, 1.0, 1.0])[classes]
    [found] = slim_classes(explained({"layers": layers(steps * margins)}, classes))
    assert found.keys() == {0, 1}, "half of the classes at most"
    few = np.repeat(np.arange(4), [6, 6, 6, 102])
    assert slim_classes(explained({"layers": layers(np.where(few < 3, 0.3, 1))}, few)) == [{}]
    (cause,) = margin_causes(explained({"layers": layers(steps * margins)}, classes))
    assert set(cause.classes) == {0, 1} and cause.figure == found[1], "the slimmer of the two"


@pytest.mark.parametrize(
    ("nearness", "share", "sure", "named"),
    [
        (0.69, 0.9, 1, True),
        (0.7, 0.9, 1, False),
        (0.69, 1.0, 1, False),
        (0.69, 0.9, 0.6, False),
        (0.69, 0.9, 0.65, True),
    ],
)
def test_two_classes_whose_weights_are_alike(nearness, share, sure, named):
    classes, margins = turns(400)
    margins = np.where(classes % 3 == 0, share, 1) * margins
    others = np.cumsum(classes % 3 > 0) <= sure * (classes % 3 > 0).sum()
    kernels = {"nearest": np.array([[3, 0, 0, 0]]), "nearness": np.array([[nearness, 0.9, 0.9, 0.95]])}
    run = explained({"layers": layers(margins), "kernels": kernels}, classes, np.where(others, 0.95, 0.5))
    found = pair_causes(run)
    assert [cause.classes for cause in found] == [(0, 3)] * named
    assert pair_causes(explained({"layers": layers(np.ones(400)), "kernels": kernels}, classes)) == []
    if named:
        assert (
            f"of cat and owl are alike: their distance is {100 * nearness:.0f} %" in found[0].text
            and found[0].threshold == 1
        )


def test_of_several_pairs_the_one_with_the_least_margin_is_named():
    """Foxes have 70 % of the margin of owls, dogs 90 % and cats 80 %."""
    classes, margins = turns(400)
    margins = np.array([0.8, 0.9, 0.7, 1.0])[classes] * margins
    for nearest in ([2, 2, 0, 0], [2, 2, 1, 0]):
        kernels = {"nearest": np.array([nearest]), "nearness": np.array([[0.5, 0.4, 0.9, 0.95]])}
        [found] = pair_causes(explained({"layers": layers(margins), "kernels": kernels}, classes))
        assert found.classes == (0, 2) and "of cat and fox are alike: their distance is 50 %" in found.text


@pytest.mark.parametrize(
    ("step", "taken", "named"),
    [(1.11, 2, True), (1.1, 2, False), (1.11, 1.05, False), (2, 1.05, True), (1.11, 1.11, True)],
)
def test_the_step_of_a_layer_that_amplifies_noise(step, taken, named):
    """A layer that takes the image itself may amplify noise as much as the smoothness of the images explains."""
    classes, margins = turns(40)
    ramp = np.array([0, 1, 3, 4])[None, None, :, None] * np.arange(40)[:, None, None, None] % 60
    images = np.broadcast_to(ramp, (40, 3, 4, 1)).astype(np.uint8)
    edges = edge_step(images)
    assert 1.11 < first_step(edges) < 2 and first_step(edges) == np.sqrt(edges)
    assert first_step(1.0) == first_step(np.nan) == 1.1
    run = explained({"layers": layers(margins, step, taken)}, classes, images=images)
    found = gain_causes(run)
    assert [cause.layer for cause in found] == ["dense"] * named
    if named:
        assert f"amplify noise {step:.2f} times ({step:.2f} to {step:.2f}, for both layers at once)" in found[0].text
        assert found[0].threshold == (first_step(edges) if taken == 1.05 else 1.1)
        assert ("This layer takes the image itself" in found[0].text) == (taken == 1.05)
        assert "falls from" not in found[0].text


def test_a_layer_that_amplifies_although_the_gain_falls_says_what_is_compared():
    """As after a pooling: the layer's weights amplify, but less noise is left than at the layer before."""
    classes, margins = turns(40)
    arrays = layers(margins, 1.2, 0.7)
    arrays["names"] = np.array(["input", "conv", "dense", "logits"])
    for name, values in arrays.items():
        if name in ("sizes", "network"):
            arrays[name] = np.array([4, 4, 2, 3]) if name == "sizes" else np.zeros(4, int)
        elif np.ndim(values) == 2 and values.shape[1] == 3:
            arrays[name] = np.insert(values, 1, values[:, 2], axis=1)
    arrays["noise_distance"] = arrays["noise_distance"] * [1, 2, 0.8, 1]
    [found] = gain_causes(explained({"layers": arrays}, classes))
    assert found.layer == "dense" and "amplify noise 1.20 times (1.20 to 1.20, for all 3 layers at once)" in found.text
    assert "falls from 2.00 at layer conv to 0.80 at this layer." in found.text
    for before, here in ((1.0, 0.996), (1.004, 1.0)):  # the same in two digits, as the text shows them
        arrays["noise_distance"] = np.broadcast_to([1, before, here, 1], (40, 4))
        assert "falls from" not in gain_causes(explained({"layers": arrays}, classes))[0].text


def test_the_interval_of_a_step_holds_for_all_layers_together():
    """Of two layers, each has 97.5 %: from the 13th to the 28th of 40 values, since 12 heads of 40 tosses are rarer."""
    classes, margins = turns(40)
    arrays = layers(margins)
    arrays["noise_linear"][:, 1] *= np.arange(1, 41)
    run = explained({"layers": arrays}, classes)
    _, (step, _), _ = steps_of(run, gains_from(arrays), 0)
    assert (step.value, step.low, step.high) == (20.5, 13, 28)


def test_a_layer_that_amplifies_most_but_is_farther_from_its_threshold_says_why():
    classes, margins = turns(40)
    ramp = np.array([0, 1, 3, 4])[None, None, :, None] * np.arange(40)[:, None, None, None] % 60
    images = np.broadcast_to(ramp, (40, 3, 4, 1)).astype(np.uint8)
    run = explained({"layers": layers(margins, 1.05, 1.05)}, classes, images=images)
    said = "The layer that comes closest to being a cause is the last one (logits): its own weights change noise "
    assert said in details(run), "a name that the model does not have"
    limit = f"{first_step(edge_step(images)):.2f}"
    assert any(
        "the weights of layer dense amplify noise the most: by a factor of 1.05 (1.05–1.05, for both layers at once), "
        "the layer gain. "
        f"This layer takes the image itself, so its threshold as a cause is {limit}; layer logits comes closer to "
        "its own, 1.10." in line
        for line in section(run).lines
    )


def test_how_smooth_images_are():
    images = np.zeros((2, 1, 3, 1), np.uint8)
    images[1, 0, :, 0] = 0, 2, 8
    # Less their mean they are -+ (0, 1, 4): mean square 17 / 3, mean square difference (1 + 9) / 2.
    assert edge_step(images) == pytest.approx(np.sqrt(2 * (17 / 3) / 5))
    assert edge_step(images.swapaxes(1, 2)) == pytest.approx(np.sqrt(2 * (17 / 3) / 5))
    assert np.isnan(edge_step(images[:1])) and np.isnan(edge_step(np.zeros((3, 1, 1, 1), np.uint8)))
    assert np.isnan(edge_step(np.arange(8, dtype=np.uint8).reshape(8, 1, 1, 1).repeat(2, axis=1))), "flat images"
    assert edge_step(np.array([0, 0, 0, 1], np.uint8).reshape(2, 2, 1, 1)) == 1  # of -+ (0, 0.5): 2 / 8 over 1 / 4


@pytest.mark.parametrize(("ratio", "named"), [(1.21, True), (1.2, False), (1.19, False)])
def test_kernels_that_pass_high_frequencies_on(ratio, named):
    radius = 2 * np.hypot(*np.meshgrid(np.fft.fftfreq(10), np.fft.fftfreq(10)))
    response = np.where(radius < 0.29, 5.0, np.where(radius > 0.69, 5 * ratio, 99))
    found = high_causes(explained({"kernels": {"response": response[None]}}, [0, 1]))
    assert [cause.figure.value for cause in found] == pytest.approx([ratio] * named)


@pytest.mark.parametrize(("own", "others", "named"), [(0.78, 1.0, True), (0.84, 1.0, False), (0.68, 0.9, True)])
def test_a_class_that_is_often_wrong_when_clean(own, others, named):
    classes, _ = turns(1600)
    turn = np.arange(1600) // 4 / 400
    right = turn < np.where(classes == 1, own, others)
    found = clean_causes(explained({}, classes, correct=right))
    assert [(cause.kind, cause.classes) for cause in found] == [("clean", (1,))] * named
    if named:
        assert found[0].figure.value == pytest.approx(own) and found[0].threshold == pytest.approx(others - 0.15)
        assert f"Of the clean images of dog, {100 * own:.0f} %" in found[0].text


@pytest.mark.parametrize(
    ("own", "others", "named"), [(0.5, 1.0, True), (0.58, 1.0, False), (0.1, 0.65, True), (0.1, 0.64, False)]
)
def test_a_class_of_which_the_network_is_seldom_sure(own, others, named):
    classes, _ = turns(1600)
    turn = np.arange(1600) // 4 / 400
    run = explained({}, classes, np.where(turn < np.where(classes == 1, own, others), 0.9, 0.89))
    assert [cause.classes for cause in clean_causes(run)] == [(1,)] * named
    few = explained({}, [0] * 4 + [1] * 1000, np.where(np.arange(1004) < 4, 0.1, 0.95))
    assert clean_causes(few) == [], "four images of a class are too few"


def test_a_wrong_and_an_unsure_class_are_named_and_share_one_advice(tmp_path):
    """Of 400 images of each class, half of the cats are wrong, and the network is sure of a tenth of the dogs."""
    classes, _ = turns(1600)
    turn = np.arange(1600) // 4 / 400
    scores = np.where(turn < np.array([1, 0.1, 1, 1])[classes], 0.95, 0.5)
    run = explained({}, classes, scores, correct=(classes > 0) | (turn < 0.5))
    assert lead(run).startswith(
        "2 causes stand out in 'made': class dog is often unsure even when clean and class cat is often "
        "misclassified even when clean."
    )
    first, second = section_of_cause(run).lines[1:3]
    assert first.startswith("Class dog is often unsure") and "What helps: " not in first
    assert second.startswith("Class cat is often misclassified") and second.count("What helps: ") == 1
    run.path, run.complete = tmp_path / "run", True
    assert [bool(helps) for _, _, helps in why_of(run).causes] == [False, True], "in the window, too"
    both = explained({}, classes, correct=(classes > 1) | (turn < 0.5))
    assert lead(both).startswith("One cause stands out in 'made': classes cat and dog are often misclassified even")


@pytest.mark.parametrize(("share", "images", "named"), [(0.47, 20, True), (0.53, 20, False), (0.47, 19, False)])
def test_noise_half_as_large_as_random_noise_implies_is_a_special_direction(share, images, named, tmp_path):
    implied = 10 / (np.linspace(-1, 1, 20) / 10).std(ddof=1)  # as in test_directions.py
    run = made_explanation(tmp_path / "run", np.ones(images), l2=share * implied * np.linspace(0.99, 1.01, images))
    found = direction_causes(run)
    assert [cause.threshold for cause in found] == [0.5] * named
    if named:
        assert found[0].figure.value == pytest.approx(share) and "of sigma 10 implies" in found[0].text


@pytest.mark.parametrize(
    ("high", "images", "wrong", "named"),
    [
        (0.14, 20, 12, True),
        (0.16, 20, 12, False),
        (0.14, 19, 12, False),
        (0.14, 20, 0, False),  # no image is lost, so this is no cause of lost images
        (-0.5, 20, 12, True),
        (0.0, 20, 12, True),
        (-0.5, 20, 0, False),
        (0.14, 20, 1, False),  # one image of 20 may be chance
    ],
)
def test_a_network_that_only_low_frequencies_disturb(high, images, wrong, named):
    frequencies = np.array([[0, 1], [1, 0], [0, 4], [5, 5]])  # of 10 x 10: radius 0.2, 0.2, 0.8 and 1.4
    margin = np.full((4, images, 2), 5.0)
    margin[:2, :, 0] = 4  # falls by 1 at the worse sign
    margin[:2, :wrong, 0] = -1
    margin[2:] = 5 - high * (5 - margin[:1].min(axis=2, keepdims=True))
    arrays = {"frequencies": frequencies, "margin": margin, "clean_margin": np.full(images, 5.0),
              "images": np.arange(images), "eps": np.array([30.0]), "kept": np.ones(1)}  # fmt: skip
    run = explained({"frequency": arrays}, np.zeros(images, int), images=np.zeros((images, 10, 10, 1), np.uint8))
    found = low_causes(run)
    assert [cause.figure.value for cause in found] == pytest.approx([high] * named)
    may_be = "Sensitivity to low frequencies may be a cause, but this is not certain. Stripes of high frequency"
    assert (may_be in open_causes(run)) == (wrong == 1)
    if named:
        assert found[0].text.endswith(
            "Under the low ones 30 % of the predictions are wrong, under the high ones 0 %. "
            "Measured on 20 images that are right when clean."
        )
        assert (f"lower the margin {high:.2f} times" in found[0].text) == (high > 0)
        assert ("those of high frequency (from 0.7) do not clearly lower it" in found[0].text) == (high <= 0)


def test_fewer_than_20_explained_images_name_no_cause():
    for images, count in ((19, 0), (20, 1)):
        classes, margins = turns(images)
        run = explained({"layers": layers(margins, 1.3)}, classes)
        assert [cause.text.endswith("Measured on 20 images.") for cause in causes_of(run)] == [True] * count


def test_a_layer_that_comes_closest_below_one_damps_noise():
    """The step is judged, 0.9, and not the relative gain that has accumulated, 1.8."""
    classes, margins = turns(40)
    arrays = layers(margins, 0.9)
    arrays["noise_linear"] = arrays["noise_linear"] * [1, 1, 0.85]
    run = explained({"layers": arrays}, classes)
    assert "to being a cause is dense: its own weights change noise by a factor of 0.90 (0.90 to 0.90, " in details(run)
    assert any("layer dense damp noise the least: by a factor of 0.90" in line for line in section(run).lines)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (0, "Noise of sigma 10 costs 'made' hardly any images: of the noisy copies of images that are right when "
         "clean, 100 % (91–100) are right. {} What stands out costs little unless the noise is stronger, or made to "
         "mislead the network."),
        (2, "Of the noisy copies (sigma 10) of images that are right when clean, 95 % (83–100) are right. {} What "
         "stands out may cost little; more images may decide this."),
        (20, "Noise of sigma 10 makes 'made' lose images: of the noisy copies of images that are right when clean, "
         "50 % (33–67) are right. {}"),
    ],
)  # fmt: skip
def test_what_noise_costs_is_said_before_the_cause(wrong, said):
    """wrong: images of 40 with a copy that is wrong, of two; 5 % are too many to say that less than 10 % are lost."""
    classes, margins = turns(40)
    margin_of_copies = np.ones((40, 2, 2))
    margin_of_copies[:wrong, 1] = -1  # at sigma 10
    arrays = {"layers": layers(margins, 1.2), "copies": {"sigmas": np.array([5.0, 10.0]), "margins": margin_of_copies}}
    assert lead(explained(arrays, classes)) == said.format(
        "One cause stands out in 'made': high gain for noise at layer dense."
    )


def test_noise_that_loses_a_rare_class_is_not_said_to_do_little_harm():
    """Of 400 images the 12 of class 3 are lost under noise, all others are not."""
    classes = np.where(np.arange(400) < 388, np.arange(400) % 3, 3)
    copies = np.where(classes == 3, -1.0, 1.0)[:, None, None] * np.ones((400, 2, 2))
    margins = turns(400)[1]
    arrays = {"layers": layers(margins, 1.2), "copies": {"sigmas": np.array([5.0, 10.0]), "margins": copies}}
    told = lead(explained(arrays, classes))
    assert "hardly any" not in told and "are right; of class owl, only 0 % (0–" in told
    assert told.endswith("What stands out may cost little on average, but more in some classes.")


@pytest.mark.parametrize(("right", "said"), [(8, "all"), (14, "more"), (20, "")])
def test_an_explanation_of_a_network_that_may_be_guessing_says_so_first(right, said):
    """Of 40 images of four classes."""
    classes, margins = turns(40)
    told = lead(explained({"layers": layers(margins)}, classes, correct=np.arange(40) < right))
    assert told.startswith("Of 40 clean images, ") == bool(said)
    assert ("no better than guessing among 4 classes" in told) == bool(said)
    assert ("explain more images, or check what inputs" in told) == (said == "more")


def test_of_a_slim_margin_that_does_not_stand_out_it_is_said_which_class_is_as_slim():
    """Both have about half of the others' margin; that of owls varies so much that it is not certainly slim."""
    classes, margins = turns(160)
    number = np.arange(160) // 4
    margins = margins * np.where(classes == 2, np.linspace(0.1, 0.8, 40)[number], 1)
    margins = margins * np.where(classes == 3, np.linspace(0.0, 1.0, 40)[number], 1)
    told = whole(explained({"layers": layers(margins)}, classes))
    assert "Class fox may be a cause: its images have 53 %" in told and "No single cause stands out" in told
    assert (
        "This is certainly below 65 %, but it is called a cause only if it stands out, and the interval also contains "
        "the next class, owl, with 63 %." in told
    )


def test_no_cause_in_the_first_images_is_not_a_finding():
    """Three of the 5 images of class 2 have half of the margin of all others, which leaves it open."""
    classes, margins = turns(20)
    margins = margins * np.where((classes == 2) & (np.arange(20) > 7), 0.5, 1)
    run = explained({"layers": layers(margins)}, classes)
    told = whole(run)
    assert "No single cause stands out: no layer" in told and "may show" not in told
    slim = (
        "Class fox may be a cause: its images have 50 % (49–101, for all 4 classes at once) of the margin of other "
        "images in the last layer before the logits. This is called a slim margin if certainly below 65 %."
    )
    assert f" a cause. {slim} {MORE} The layer" in told
    run.info["data"]["images"] = 500
    assert whole(run).startswith(
        "No single cause stands out yet: no layer or class of 'made' is certainly beyond the threshold from which it "
        f"is called a cause. {slim} This rests on 20 of 500 images, and the others may show a cause: to go on, run the "
        "same command again. The layer"
    )
    unsure = explained({"layers": layers(margins)}, classes, 0.89)
    assert "may be one" not in whole(unsure), "it is no cause in a network that is sure of few images"


def test_a_class_that_may_be_wrong_when_clean_is_not_denied(tmp_path):
    """As of 83 cats among 500 images: 54 % are right, of the others 76 %, which is 22 points, but not certainly 15."""
    classes = np.arange(400) % 4
    turn = np.arange(400) // 4 / 100
    right = turn < np.array([0.55, 0.75, 0.8, 0.8])[classes]
    run = explained({}, classes, 0.5, right)
    told = (
        "Class cat may be a cause: 55 % (42–68, for all 4 classes at once) of its 100 clean images are right, compared "
        "with 78 % of those of the other classes. It is called a cause if this share is certainly below 63 %, "
        f"15 points below that of the others. {MORE}"
    )
    assert whole(run) == (
        f"No single cause stands out: no class of 'made' is certainly beyond the threshold from which it is called a "
        f"cause. {told} Its layers, special directions and noise of single frequencies were not examined."
    )
    run.info["environment"] = {"device": "CPU, onnxruntime 1.22.0"}
    assert whole(run).endswith(
        f"{told} Its layers were not examined, as tfstab cannot look inside an ONNX model. Special directions and "
        "noise of single frequencies were not examined."
    )
    run.info["data"]["images"] = 900
    only = (
        "The clean predictions of all 900 images chosen are already counted here, so only more images, if there "
        "are any, can decide this (`--limit`, in Python limit=)."
    )
    rest = "Everything else rests on 400 of 900 images, and the others may show a cause"
    assert f"{told.replace(MORE, only)} {rest}: to go on" in whole(run), "the clean images of all are known"
    two = explained({}, classes, 0.5, turn < np.array([0.58, 0.55, 0.85, 0.85])[classes])
    assert "Class dog may be a cause" in whole(
        two
    ) and "that of the others. Class cat may be a cause, too. More" in whole(two)
    beside = explained({"kernels": HIGH}, classes, 0.5, right)
    assert open_causes(beside) == told.replace("a cause:", "another cause:") and "may be" not in lead(beside)
    beside.path, beside.extent = tmp_path / "run", ""
    for beside.complete, button in ((True, "Measure more…"), (False, "Continue…")):  # those of the tab Why
        where = f"{button} with a larger number in the field Images"
        assert why_of(beside).scope.startswith(
            told.replace("a cause:", "another cause:").replace("`--limit`, in Python limit=", where)
        )
    assert open_causes(explained({"kernels": HIGH}, classes, 0.5)) == ""


@pytest.mark.parametrize(
    ("given", "images", "said"),
    [
        (20_000, 900, "The clean predictions of all 900 images chosen are already counted here, so only more images "
         "can decide this: 20,000 were given (`--limit {0}`, in Python limit={0})."),
        (900, 900, "The clean predictions of all 900 images given are counted here, so only images that were not "
         "given could decide this."),
        (5000, 400, "More images may decide this: 5,000 were given (`--limit {0}`, in Python limit={0})."),
        (1000, 400, "More images may decide this: 1,000 were given (`--limit 1000`, in Python limit=1000)."),
        (3000, 400, "More images may decide this: 3,000 were given (`--limit 3000`, in Python limit=3000)."),
        (400, 400, "All 400 images given are counted here, so only images that were not given could decide this."),
    ],
)  # fmt: skip
def test_of_the_images_given_so_many_are_asked_for_as_may_decide_on_a_weak_class(given, images, said, tmp_path):
    """Its interval reaches 13 points above its share, and the threshold is 8 points above it."""
    classes = np.arange(400) % 4
    run = explained({}, classes, 0.5, np.arange(400) // 4 / 100 < np.array([0.55, 0.75, 0.8, 0.8])[classes])
    run.info["data"] |= {"images": images, "available": given}
    found = undecided(run)
    own = share_in(run, run.clean.correct, 0, 4)
    enough = 2 * images * ((own.high - own.value) / (2.35 / 3 - 0.15 - own.value)) ** 2
    wanted = 100 * math.ceil(enough / 100) if enough <= given / 2 else given
    assert found.images == (None if given == images else wanted) and found.about == "class cat"
    assert said.format(wanted) in found.text and "the same command" not in whole(run).replace(GO_ON, "")
    assert (GO_ON in whole(run)) == (given == images == 900)
    run.path, run.extent, run.complete = tmp_path / "run", "", True
    where = f"(Measure more… with {wanted} in the field Images)"
    assert (where in why_of(run).scope) == (given > images) and "--limit" not in why_of(run).scope


def test_a_class_of_a_few_images_is_not_named_because_of_bad_luck(tmp_path):
    """As of 14 trucks among 100 images, of which 6 are right, where 73 % of 500 are."""
    classes = np.arange(56) % 4
    turn = np.arange(56) // 4
    run = explained({}, classes, 0.5, turn < np.array([6, 10, 10, 10])[classes])
    too_few = "often misclassified even when clean: 14 clean images of a class are too few for that."
    judged = "An assessment judges from all of its clean images which classes are misclassified."
    assert f"It cannot be judged from these images whether a class is {too_few} {judged} {MORE}" in whole(run)
    assert "may be one" not in whole(run)
    swept = sweep_of(tmp_path / "assess", "fog", first_of((1,) * 3, 9)).info
    same = {name: swept["data"][name] for name in ("images_fingerprint", "indices_fingerprint")}
    run.info["model"], run.info["data"], run.clean.indices = swept["model"], run.info["data"] | same, np.arange(56)
    (tmp_path / "assess/assessment.json").write_text("{}", "utf-8")
    run.path, run.extent, run.complete = tmp_path / "explanation", "", True
    mine = "The assessment of this model judges from all of its clean images which classes are misclassified."
    assert f"{too_few} {mine} {MORE}" in whole(run)
    overview = "The Overview judges from all clean images of the assessment which classes are misclassified. More"
    assert f"{too_few} {overview}" in why_of(run).scope, "the tab Why is beside it"
    unsure = explained({}, classes[:28], np.where(turn < np.array([2, 5, 5, 5])[classes], 0.95, 0.5)[:28])
    assert "It cannot be judged from these images whether a class is often unsure even when clean:" in whole(unsure)
    fewer = explained({}, classes[:53], 0.5, (turn < np.array([6, 6, 10, 9])[classes])[:53])
    assert "13 to 14 clean images of a class are too few" in whole(fewer) and "cat" not in whole(fewer)
    many = explained({}, np.arange(800) % 4, 0.5, np.arange(800) // 8 < np.array([58, 75, 80, 80])[np.arange(800) % 4])
    assert "Class cat may be a cause" in whole(many) and "too few" not in whole(many), (
        "certainly lower, but by how much?"
    )


def test_a_class_of_which_the_network_may_be_seldom_sure_is_not_denied():
    classes = np.arange(400) % 4
    turn = np.arange(400) // 4 / 100
    run = explained({}, classes, np.where(turn < np.array([0.45, 0.9, 0.9, 0.9])[classes], 0.9, 0.89))
    assert (
        "Class cat may be a cause: 45 % (32–58, for all 4 classes at once) of its 100 clean images have a score of 0.9 "
        "or more for their class, compared with 90 % of those of the other classes. It is called a cause if this share "
        "is certainly below 50 %, 40 points below that of the others."
    ) in open_causes(run)


def test_a_special_direction_that_is_not_certain_is_not_denied(tmp_path):
    implied = 10 / (np.linspace(-1, 1, 20) / 10).std(ddof=1)  # as in test_directions.py
    run = made_explanation(tmp_path / "run", np.ones(20), l2=0.48 * implied * np.linspace(0.5, 1.5, 20))
    assert re.search(
        r"A special direction may be a cause\. The minimum noise of a typical image is 0\.48 times \(0\.\d+ to "
        r"0\.\d+\) as large as random noise of sigma 10 implies\. It is called a cause if this ratio is certainly "
        r"below 0\.5\. More images, if there are any, may decide",
        open_causes(run),
    )


def test_the_clearest_cause_comes_first_and_those_of_classes_last():
    classes, margins = turns(400)
    kernels = HIGH | {"nearest": np.zeros((1, 4), int), "nearness": np.ones((1, 4))}
    slim = np.where(classes == 2, 0.3, 1) * margins
    for step, order in ((1.3, ["high", "gain", "margin"]), (1.5, ["gain", "high", "margin"])):
        run = explained({"layers": layers(slim, step), "kernels": kernels}, classes)
        found = causes_of(run)
        assert [cause.kind for cause in found] == order
    assert found[0].strength == pytest.approx(1.5 / 1.1) and found[2].strength == pytest.approx(
        0.65 / found[2].figure.value
    )
    assert found[2].text.endswith("Measured on 400 images that are right when clean.")
    assert lead(run) == (
        "3 causes stand out in 'made': high gain for noise at layer dense, sensitive to high frequencies and slim "
        "margin of class fox."
    )
    only = explained({"layers": layers(slim)}, classes)
    assert lead(only) == "One cause stands out in 'made': slim margin of class fox."
    assert [options for options, _ in hardenings(causes_of(only))] == [{"clean_share": 1.0}, {}]
    assert whole(explained({"layers": layers(margins, 1.05)}, classes)) == (
        "No single cause stands out: no layer or class of 'made' is certainly beyond the threshold from which it is "
        "called a cause. The layer that comes closest to being a cause is dense: its own weights change noise by a "
        "factor of 1.05 (1.05 to 1.05, for both layers at once), compared with the differences between images. This "
        "factor is its layer gain; above 1.10, a layer is called a cause. The relative gain of a layer includes the "
        "effect of all earlier layers, so it may be larger; it has no threshold. Special directions and noise of "
        "single frequencies were not examined."
    )
    assert "The interval reaches 1.10" in details(explained({"layers": layers(margins, 1.1)}, classes)), "just so"
    assert "2 classes have fewer than 5" in details(explained({}, [0] * 25 + [1] * 5 + [2] * 4 + [3]))
    few = whole(explained({}, [0] * 25 + [1] * 5 + [2] * 4))
    assert few.endswith("too few to compare with the others.") and "1 class has fewer than 5 explained images" in few
    assert "Its layers, special directions and noise of" in few and "no class of 'made'" in few
    assert (
        lead(explained({}, [0] * 19)).startswith("19 images are too few") and lead(explained({}, [0] * 20))[:2] == "No"
    )
    assert (
        Cause("gain", "", Estimate(0, 0, 0), 1.1).strength
        == Cause("clean", "", Estimate(1, 1, 1), 0).strength
        == np.inf
    )


def test_the_ratio_of_two_classes_by_hand():
    margins = np.exp([0, 1, 2, 3, 4, 10, 12, 14, 16, 18.0])
    classes = np.repeat([0, 1], 5)
    found = class_ratios(margins, classes)
    # The 25 differences of logarithms in order; the interval is 9.38 of them wide on each side (Mann-Whitney).
    pairs = np.sort(np.subtract.outer(np.arange(5), [10, 12, 14, 16, 18]).ravel())
    low, middle, high = np.log([getattr(found[0], end) for end in ("low", "value", "high")])
    assert (low, middle, high) == pytest.approx((pairs[3], pairs[12], pairs[22]))
    assert np.log(found[1].value) == pytest.approx(-middle)
    assert class_ratios(margins[1:], classes[1:]) == {} == class_ratios(margins[:-1], classes[:-1]), (
        "five images at least"
    )
    three = class_ratios(np.tile(margins, 3), np.concatenate([classes, classes + 1, classes + 2]))
    assert three.keys() == {0, 1, 2, 3}


def test_the_gains_of_layers_by_hand():
    arrays = layers([2.0, -4], step=3, taken=5)
    arrays |= {"noise_distance": np.array([[1.0, 8, 2], [2, 4, 2]]), "gradient": np.array([[1.0, 4, 0], [2, 8, 1]])}
    arrays["image_distance"] = np.sqrt(2) * np.array([[1.0, 2, 3], [1, 2, 3]])
    found = gains_from(arrays)
    np.testing.assert_allclose(found.gain, [[1, 4, 2 / 3], [1, 1, 1 / 3]])
    np.testing.assert_allclose(found.taken[:, 1], [5, 2.5])
    np.testing.assert_allclose(found.step[:, 1], 3)
    np.testing.assert_allclose(found.margin, [[2, 0.25, np.nan], [-2, -0.25, -4 / 3]])
    assert found.right.tolist() == [[True] * 3, [False] * 3] and found.last_hidden(0) == 1
    figures = found.figures()[1]
    assert figures.margin.value == 0.25 and figures.quotient.value == 0.25 / 4 and figures.gain.value == 2.5
    arrays["noise_taken"] = np.array([[1.0, 7.6, 1], [2, 2.1, 2.4]])
    assert gains_from(arrays).takes_image.tolist() == [True, False, False]
    arrays["noise_taken"][0, 1] = 0.95
    assert gains_from(arrays).takes_image.tolist() == [True, True, False], "all images but for a tenth"
    assert gains_from(layers([0.5, 0, -1])).right[:, 0].tolist() == [True, False, False]
    dead = {name: arrays[name] * [1, 0, 1] for name in ("noise_distance", "image_distance")}
    assert gains_from(arrays | dead).compare_images, "a layer that returns the same for all images"
    assert found.compare_images and not gains_from(arrays | {"image_distance": np.full((2, 3), np.nan)}).compare_images


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("copies", 2, MOST_COPIES), ("max_queries", 100, MOST_QUERIES), ("seed", 0, 2**63 - 1)],
)
def test_the_ends_of_the_settings(name, lowest, highest):
    for value in (lowest, highest):
        assert getattr(ExplanationConfig(**{name: value}), name) == value
    for value in (lowest - 1, highest + 1):
        with pytest.raises(InputError, match=f"{name} is {value}"):
            ExplanationConfig(**{name: value})
    assert ExplanationConfig(sigma=0.5, only=["copies"]).changed == {"sigma": 0.5, "only": ("copies",)}
    assert ExplanationConfig(sigma=255).changed == {"sigma": 255} and "seed" not in ExplanationConfig().settings
    for sigma in (0, 256, np.nan):
        with pytest.raises(InputError, match="sigma is"):
            ExplanationConfig(sigma=sigma)


# --- the time that parts take ---


def pieces(images, name="copies"):
    return [Piece(analyses()[name], 0, images)]


def test_parts_fit_if_they_may_take_a_quarter_longer_than_those_before(tmp_path):
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in (
        {"part": "copies-0000000-0000004", "seconds": 100}, {"part": "copies-0000004-0000014", "seconds": 20},
        {"part": "copies-0000014-0000015", "seconds": 2e7}, {"part": "copies-0000014-0000015", "seconds": -1},
        {"part": "copies-0000014-0000014", "seconds": 9}, {"part": "features-0000000-0000001", "seconds": 1e7},
        {"part": "other", "seconds": 9}, {"part": 3}, {"said": "x"},
    )))  # fmt: skip
    budget = Budget(1)
    budget.learn_from(tmp_path)  # 2 s an image, the latest
    assert budget.fits(pieces(23)) and not budget.fits(pieces(24)) and not budget.fits(pieces(1, "features"))
    assert not budget.fits(pieces(12) + pieces(13))
    assert budget.fits(pieces(1000, "noise")), "nothing is known of it"
    budget.learn(pieces(10)[0], 10)
    assert budget.fits(pieces(46)) and not budget.fits(pieces(49))
    work = analyses()["noise"].work / analyses()["copies"].work
    assert budget.fits(pieces(int(46 / work), "noise")) and not budget.fits(pieces(int(49 / work) + 1, "noise"))
    assert Budget().fits(pieces(10**9))


def test_time_for_the_page_is_kept_and_more_on_a_busy_machine_but_at_most_a_quarter(monkeypatch):
    now = SimpleNamespace(wall=1000.0, computed=0.0)
    clock = SimpleNamespace(perf_counter=lambda: now.wall, process_time=lambda: now.computed)
    monkeypatch.setattr(budget_module, "time", clock)

    def left(minutes, computed):
        """Seconds for parts after 40 s, of which this process has computed for so many."""
        now.wall, now.computed = 1000.0, 0.0
        budget = Budget(minutes, page=True)
        now.wall, now.computed = 1040.0, computed
        budget.learn(pieces(10)[0], 12.5)  # 1.25 s an image
        return next(n for n in range(1000) if not budget.fits(pieces(n + 1))) * 1.25 * 1.25

    assert left(2, 40) == left(2, 80) == pytest.approx(120 - 40 - 8, abs=1.6), "two cores make the page no faster"
    assert left(2, 20) == pytest.approx(120 - 40 - 16, abs=1.6)
    assert left(2, 1) == pytest.approx(120 - 40 - 30, abs=1.6)
    with pytest.raises(InputError, match="minutes"):
        Budget(0, page=True)


def test_settings_of_an_explanation_name_what_is_wrong():
    with pytest.raises(InputError, match=r"unknown analysis 'layer'.*did you mean 'layers'"):
        ExplanationConfig(only=("layer",))
    with pytest.raises(RunError, match=r"^the settings of this explanation are damaged \(.*copy.*\): make the run"):
        ExplanationConfig.of_settings({"copy": 3}, 0)
    settings = ExplanationConfig(copies=7).settings
    assert ExplanationConfig.of_settings(settings, 5) == ExplanationConfig(copies=7, seed=5)


def test_classes_without_an_explained_image_are_named(tmp_path):
    run = made_explanation(tmp_path / "run", np.linspace(1, 2, 4))
    said = "No image of 2 of the 3 classes is explained (1 and 2), so nothing is said of them."
    assert said in run.summary().splitlines() and said in section_of_cause(run).lines
    assert why_of(run).scope == f"{said} Measured under noise: Gaussian noise and the minimum noise. {OTHERWISE}"
    vars(run.clean)["class_index"] = np.array([0, 1, 0, 1])
    run.info["data"]["class_names"] = ["cat", "dog", "fire truck"]
    assert unseen_classes(run) == "No image of class 'fire truck' is explained, so nothing is said of it."
    vars(run.clean)["class_index"] = np.array([0, 1, 2, 1])
    assert unseen_classes(run) == ""


def test_images_and_analyses_that_an_explanation_does_not_have(tmp_path):
    run = made_explanation(tmp_path / "run", np.linspace(1, 2, 4), l2=np.arange(4.0))
    done = {"noise", "copies", "layers"}
    assert set(run.left_out) == set(analyses()) - done and run.left_out[0] in analyses()
    table = run.to_pandas()
    assert list(table.columns) == ["label", "predicted", "l2", "falls_to", "margin", "noisy_right"]
    assert table.index.tolist() == [0, 1, 2, 3] and table["l2"].tolist() == [0, 1, 2, 3]
    vars(run.clean)["names"] = np.array([f"{k}.png" for k in range(4)])
    named = run.to_pandas()
    assert named.columns[0] == "file" and named["file"].tolist() == ["0.png", "1.png", "2.png", "3.png"]
    with pytest.raises(RunError, match=r"run has no part layers-0000002-0000004: resume the explanation\.$"):
        run.part("layers", 2, 4)
    for part in run.parts.values():
        part.unlink()
    with pytest.raises(InputError, match=r"^image 2 has not been explained yet: repeat the explanation, with more"):
        ExplanationRun(run.path).of(2)
