"""How the time of a hardening is divided, what is too slow for it, and what longer or less training is said to do."""

import html
import json
import shlex
import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from halves import GIVEN, SIZE
from pages_in_words import without_marks

from processes import tfstab_here
from tfstab import Classifier, compare, harden
from tfstab.degradations import BUILT_IN, ranges
from tfstab.errors import InputError, RunError
from tfstab.orders.hardening import hardening_subject
from tfstab.report import trained_on
from tfstab.report.harden_time import enough_minutes
from tfstab.report.hardening_limits import TOO_BRIEF
from tfstab.runs.together import SIDES
from tfstab.training.remedies.averaging import SHARES, ShareFigures, choose_share

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def two_built_in(monkeypatch):
    """Fog and brightness are all built-in degradations: a training that is given none compiles each of them."""
    two = {name: BUILT_IN[name] for name in ("fog", "brightness")}
    for module in (ranges, trained_on):
        monkeypatch.setattr(module, "BUILT_IN", two)


def test_if_nothing_is_adopted_nothing_is_measured_until_more_time_gives_another_network(folder, tmp_path, monkeypatch):
    chosen, given = "tfstab.training.hardening_training.choose_share", {"train": folder / "halves.npz", "out": tmp_path}
    monkeypatch.setattr(chosen, lambda evaluate, floor: choose_share(evaluate, floor=2))
    kept = harden(folder / "tiny.keras", **given | GIVEN)
    assert kept.comparison is None and not (tmp_path / SIDES[0]).exists() and kept.to_json()["unchanged"]
    for side in SIDES:  # as `next` of another hardening names it
        with pytest.raises(RunError, match=r"adopted no model, so there is nothing to compare: .* longer training"):
            compare(tmp_path / side, tmp_path / side)
    page = kept.report.read_text("utf-8")
    trained = "The weights that were tried were trained on clean images and on images degraded by fog."
    assert trained in kept.summary().splitlines() and trained in page
    assert "tiny stays unchanged" in page and page.count("0 (the original)") == 1 and "OTHER_IMAGES" not in page
    assert "run the same command again with <code>--minutes 0.1</code> (in Python minutes=0.1) or more" in page
    assert kept.retrain_minutes == 0.1
    monkeypatch.setattr(chosen, lambda evaluate, floor: (1.0, choose_share(evaluate, floor)[1]))
    assert harden(folder / "tiny.keras", **given | GIVEN).comparison is None
    again = harden(folder / "tiny.keras", **given | GIVEN | {"minutes": kept.retrain_minutes})
    assert not again.comparison.unchanged and again.retrain_minutes is None


def test_longer_training_is_told_below_the_gains_and_a_control_is_proposed_ready_to_copy(
    two_built_in, folder, tmp_path
):
    """The original takes all images for left, so clean accuracy rises from a half."""
    model = keras.Sequential([keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.set_weights([np.zeros((SIZE * SIZE, 2)), np.array([0.6, -0.6])])
    model.save(tmp_path / "weak.keras")
    shutil.copy(folder / "halves.npz", tmp_path)
    given = ["harden", "weak.keras", "--train", "halves.npz", "--minutes", 0.1, "--degradation", "fog,brightness"]
    made = tfstab_here(*given, cwd=tmp_path)
    said, report = made.stdout, tmp_path / "runs" / "harden-weak-halves" / "report.html"
    page = html.unescape(report.read_text("utf-8"))
    _, lead, trained, caveat, *_ = said.strip().splitlines()
    assert "Clean accuracy rises from" in lead and caveat == TOO_BRIEF
    assert trained == "Trained on clean images and on images degraded by the 2 built-in degradations."
    assert said.count("longer training alone") == 1 == page.count(TOO_BRIEF)
    said_first = [page.index(text) for text in ("Clean accuracy rises from", trained, TOO_BRIEF, '<dl class="nums">')]
    assert said_first == sorted(said_first) and said.count("Trained on") == 1 == page.count("Trained on")
    commands, purposes = zip(*(line[8:].split("   # ") for line in said.splitlines() if "   # " in line), strict=True)
    options = "--train=halves.npz --minutes=0.1 --degradation=fog,brightness --clean-share=1"
    control, own = (f"runs/harden-weak-halves{end}" for end in ("-control", ""))
    of_hardened = [
        f"report {own}/hardened --out={own}/hardened.html",
        f"compare {own}/original {own}/hardened --class=NAME",
        f"inspect {own}/hardened PICTURE --class=NAME",
    ]
    assert tfstab_here(*shlex.split(of_hardened[0]), cwd=tmp_path).returncode == 0
    assert "How stable is weak-hardened?" in (tmp_path / own / "hardened.html").read_text("utf-8")
    steps = json.loads((tmp_path / own / "hardening.json").read_text("utf-8"))["steps"]
    expected = [
        f"harden weak.keras {options} --steps={steps} --out={control}",
        f"compare {control}/hardened {own}/hardened",
    ]
    assert [command.split("tfstab ")[1].strip() for command in commands[:-1]] == [*of_hardened, *expected]
    assert all(f"<code>tfstab {command}</code>" in page for command in expected)
    assert purposes[:-1] == ("a report on the hardened model alone, from its images in the comparison",
                            "recall and false alarms of a class that matters most to you, before and after",
                            "what the hardened model makes of a picture of your own, or of a folder of them",
                            "a control: as many training steps, on clean images only",
                            "the hardened model compared with its control")  # fmt: skip
    told = tfstab_here(*shlex.split(expected[0]), cwd=tmp_path).stdout
    assert "'weak-control' compared with 'weak'" in told and "/hardened PICTURE" not in told.partition("next:")[2]
    assert (tmp_path / control / "weak-control.keras").is_file()
    page = html.unescape((tmp_path / control / "report.html").read_text("utf-8"))
    assert "remedy: clean images only" in page and "mixture of degradations" not in page
    compared = tfstab_here(*shlex.split(expected[1]), cwd=tmp_path)
    assert compared.returncode == 0 and "- In short: " in compared.stdout
    assert "Accuracy over 2 degradations" in compared.stdout
    assert compared.stdout.startswith("weak-control (hardened), first, and weak-hardened (hardened), second")


def test_given_training_steps_come_before_measuring(folder, tmp_path, monkeypatch):
    """Of 20 minutes, a training has up to 12, and one of a given number of steps up to 17 if it needs them."""
    asked = []

    def training(*_, minutes, **__):
        asked.append(minutes)
        raise RuntimeError("the training begins")

    monkeypatch.setattr("tfstab.report.harden.run_hardening", training)
    for steps in (None, 100):
        with pytest.raises(RuntimeError, match="the training begins"):
            harden(
                folder / "tiny.keras", train=folder / "halves.npz", minutes=20, steps=steps, out=tmp_path / str(steps)
            )
    assert 10 < asked[0] <= 12 and 15 < asked[1] <= 17


def test_a_limit_that_left_a_smaller_share_of_the_weights_is_told_below_the_gains(
    two_built_in, folder, tmp_path, monkeypatch
):
    """By their figures, the fine-tuned weights alone are the best, but lose 3 points; the limit is 1."""
    figures = [ShareFigures(share, 0.9 - 0.03 * share, 0.5 + 0.3 * share) for share in SHARES]
    monkeypatch.setattr("tfstab.training.hardening_training.choose_share", lambda evaluate, floor: (0.3, figures))
    for name in ("tiny.keras", "halves.npz"):
        shutil.copy(folder / name, tmp_path)
    given = ["harden", "tiny.keras", "--train", "halves.npz", "--minutes", 0.05, "--degradation", "fog,brightness"]
    said = tfstab_here(*given, cwd=tmp_path).stdout
    page = (tmp_path / "runs" / "harden-tiny-halves" / "report.html").read_text("utf-8")
    page = html.unescape(without_marks(page))
    begin, lines = "Because of the limit for clean accuracy, the hardened weights are 30 % ", said.strip().splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith(begin))
    assert place in (3, 4) and lines[place + 1].startswith("- Of "), "below what it was trained on, or the caveat"
    assert "`--keep-clean 3` (in Python keep_clean=3) allows this loss." in lines[place]
    assert said.count("allows this loss") == 1 == page.count("allows this loss")
    assert page.index("veraged over 2") < page.index(begin) < page.index('<dl class="nums">')
    assert "<code>--keep-clean 3</code> (in Python keep_clean=3) allows this loss." in page
    assert "On other images, the gain with the fine-tuned weights alone may be smaller" in page
    steps = json.loads((tmp_path / "runs/harden-tiny-halves/hardening.json").read_text("utf-8"))["steps"]
    options = f"--train=halves.npz --minutes=0.05 --degradation=fog,brightness --keep-clean=3 --steps={steps}"
    command = f"harden tiny.keras {options} --out=runs/harden-tiny-halves-keep-clean-3"
    assert f"{command} " in said and f"<code>tfstab {command}</code>" in page
    assert "# a larger share of the fine-tuned weights, if 3 points of clean accuracy may be lost" in said


@pytest.mark.parametrize(("given", "training"), [(10, (5.5, 6)), (0.01, (1 / 60, 1 / 60))])
def test_the_training_has_six_tenths_of_the_time_but_a_second_at_least(folder, tmp_path, monkeypatch, given, training):
    def asked(*_, minutes, **__):
        raise InterruptedError(minutes)

    monkeypatch.setattr("tfstab.report.harden.run_hardening", asked)
    with pytest.raises(InterruptedError) as told:
        harden(folder / "tiny.keras", train=folder / "halves.npz", out=tmp_path, minutes=given)
    low, high = training
    assert low <= told.value.args[0] <= high


def slow_function(clock, seconds):
    """A function without layers, called slow, that takes so many seconds for an image by this clock."""

    def slow(images):
        clock.now += seconds * len(images)
        return images.reshape(len(images), 2, -1).mean(axis=2)

    given = {"fingerprint": "slow", "class_names": ["left", "right"], "outputs": "logits"}
    return Classifier.from_function(slow, (SIZE, SIZE, 1), 2, **given)


def test_a_model_that_is_too_slow_is_refused_with_the_minutes_that_it_needs(folder, tmp_path, clock):
    """Of 5 images, 97 degraded ones each are 49 s for both models, of which 21 s are there, and the report's time."""
    function = slow_function(clock, 0.04)
    with pytest.raises(InputError, match=r"^slow is too slow to be hardened in this time: it takes at least [34] min"):
        harden(function, train=folder / "halves.npz", out=tmp_path, minutes=1, limit=20)
    assert not list(tmp_path.glob("*.keras")) and not (tmp_path / SIDES[0]).exists()


def test_remedies_without_training_can_be_asked_for(folder, tmp_path):
    told = []
    given = {"train": folder / "halves.npz", "out": tmp_path, "remedy": "without_training", "on_progress": told.append}
    made = harden(folder / "tiny.keras", **given | GIVEN | {"minutes": 5})
    assert told[0].stage == "remedies" and "training" not in {progress.stage for progress in told}
    assert {"smoothed-5", "original"} <= {row["remedy"] for row in made.card["validation"]["compared"]}
    assert "cannot be trained" not in f"{made.summary()}{made.report.read_text('utf-8')}"
    assert any("leave out `--remedy without_training`" in step for step in made.next_steps)
    subject = hardening_subject(folder / "tiny.keras", train=folder / "halves.npz", remedy="without_training")
    assert any("for validation, which chooses the remedy" in line for line in subject.taken_for)


def test_a_model_too_slow_to_choose_among_remedies_without_training_is_refused_with_the_minutes(
    folder, tmp_path, clock
):
    """Of 7 validation images, a copy each and 25 passes are 70 s, and 36 s and 15 s of grace are there."""
    function = slow_function(clock, 0.2)
    with pytest.raises(InputError, match=r"it takes at least [2-4] minutes here"):
        harden(function, train=folder / "halves.npz", out=tmp_path, minutes=1, degradations=["fog"])
    assert not (tmp_path / "hardening.json").exists()


@pytest.mark.parametrize(
    ("images", "of", "seconds", "enough"),
    [(20, 1000, 30.0, 4), (20, 1000, 541.0, 10), (40, 1000, 30.0, None), (39, 1000, 30.0, 4), (24, 30, 30.0, None)],
)
def test_at_least_the_minutes_of_the_call_are_named_and_none_if_hardly_more_images_are_of_use(
    images, of, seconds, enough
):
    """Fifty images are of use, or all that there are; with fewer minutes the next call might add none."""
    measuring = SimpleNamespace(dataset=range(of), seconds_for=lambda useful: seconds)
    assert enough_minutes(measuring, images, 3.5) == enough
