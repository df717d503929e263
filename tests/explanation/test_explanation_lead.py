"""What an explanation says first, and what it leaves open where few images decide: its figures are given."""

import math
import re

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from explanation.given_causes import HIGH, MORE, explained, layers, turns, whole

from made_runs import made_explanation
from tfstab.explanation.classes import share_in
from tfstab.explanation.lead import GO_ON, lead, open_causes
from tfstab.explanation.undecided import undecided
from tfstab.gui.content.why import why_of


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
        (20_000, 900, "All 900 images chosen are already counted here by their clean predictions, so this can be "
         "decided only by choosing more of the 20,000 given (`--limit {0}`, in Python limit={0})."),
        (900, 900, "The clean predictions of all 900 images given are counted here, so only images that were not "
         "given could decide this."),
        (5000, 400, "400 of the 5,000 images given were chosen; choosing more may decide this (`--limit {0}`, in "
         "Python limit={0})."),
        (1000, 400, "400 of the 1,000 images given were chosen; choosing more may decide this (`--limit 1000`, in "
         "Python limit=1000)."),
        (3000, 400, "400 of the 3,000 images given were chosen; choosing more may decide this (`--limit 3000`, in "
         "Python limit=3000)."),
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
