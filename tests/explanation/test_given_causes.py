"""On which side of each threshold a cause is named, and in which order: explanations whose figures are given."""

import numpy as np
import pytest
from explanation.given_causes import HIGH, explained, layers, turns, whole

from made_runs import made_explanation
from tfstab.explanation.cause import Cause, causes_of
from tfstab.explanation.class_causes import clean_causes, margin_causes, pair_causes, slim_classes
from tfstab.explanation.details import details
from tfstab.explanation.direction_causes import direction_causes, high_causes, low_causes
from tfstab.explanation.gain import edge_step, gains_from
from tfstab.explanation.gain_causes import first_step, gain_causes, steps_of
from tfstab.explanation.lead import lead, open_causes
from tfstab.explanation.remedies import hardenings
from tfstab.gui.content.why import why_of
from tfstab.metrics import Estimate
from tfstab.report.explanation.cause import section as section_of_cause
from tfstab.report.explanation.layers import section


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
