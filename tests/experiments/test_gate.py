"""The gate of `tfstab compare --fail-if-worse`: which losses fail it, of which classes, and within which tolerance."""

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from counted_runs import TWO
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab import SweepConfig, compare
from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.named_classes import class_figures
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.experiments.worse import respects, worse, worse_sentence
from tfstab.orders.comparing import compared_pairs, opened

GATE = Path(__file__).parents[2] / "resources/guide/how-to/continuous-integration.md"


def test_clean_images_are_compared_whether_degraded_or_not_and_by_class(tmp_path, monkeypatch):
    """Both networks have scored 100 clean images; one has degraded only some of them. Class 1 has 40."""
    monkeypatch.setattr("made_runs.MOST_ROWS", 40)
    labels = np.repeat([0, 1], [60, 40])
    first, second = np.where(np.arange(100) < 61, labels, 2), np.where(np.arange(100) < 80, labels, 2)
    old, new = tmp_path / "runs/old", tmp_path / "runs/new"
    for folder, clean in ((old, first), (new, second)):
        degraded = np.where(labels == 0, 0, clean)[:, None, None]
        run = made_sweep(
            folder / "gaussian_noise", SweepConfig(sigmas=(1, 40), copies=1), degraded, labels, clean, name=folder.name
        )
    *_, last = run.parts.values()
    last.unlink()
    pair = FolderComparison(Folder.open(old), Folder.open(new))
    assert len(pair.largest.images) < 100 == pair.largest.clean.count
    assert (
        pair.second.sweeps["gaussian_noise"]
        .summary()
        .splitlines()[0]
        .endswith(", 100 images; so far 1 copy for 80 of 100 images")
    )
    (change,) = pair.largest.on_clean.changed_classes
    assert (change.name, change.sign, change.recall.first, change.recall.second) == ("1", 1, 1 / 40, 20 / 40)
    short, *said = pair.summary().splitlines()[:3]
    assert short == (
        "In short: 'new' is better than 'old' on clean images and under 1 degradation. Of 2 recalls on clean images, 1 "
        "is higher with 'new'. Of 2 recalls under degradation, 1 is higher with 'new'. Everything else is undecided."
    )
    assert said == [
        "Clean accuracy 61.00 % ('old') and 80.00 % ('new') on 100 images, a difference (second less first) of +19.00 "
        "points (+10.40 to +27.60). Of these images, none is right with 'old' only, and 19 with 'new' only (McNemar's "
        "exact test: p = 3.81e-06).",
        "On clean images, 'new' is right more often than 'old' in class 1 (20 against 1 of 40 images). This is "
        "decided for all 2 classes at once, with 95 % confidence.",
    ]
    back = FolderComparison(Folder.open(new), Folder.open(old))
    assert back.summary().startswith("In short: 'old' is worse than 'new' on clean images and under 1 degradation. Of")
    itself = FolderComparison(Folder.open(old), Folder.open(old))
    assert itself.summary().startswith("Both are the same network") and "In short" not in itself.summary()
    assert pair.worse() == () and back.worse() == ("clean images", "class 1", "Gaussian noise")
    assert not worse(pair) and worse(back).keys() == {"clean images", "class 1", "Gaussian noise"}
    counted = "(clean images, 2 classes and Gaussian noise; 95 % confidence for all together)"
    fewer = (
        "Under Gaussian noise, 80 of the 100 images were measured for both networks; only these are compared. With "
        "more minutes, more are measured."
    )
    told = f"is worse than old {counted}. {fewer}"
    assert pair.judgement() == f"None of the 4 comparisons shows that new {told}"
    assert worse_sentence(back).startswith(
        f"old is worse than new in 3 of the 4 comparisons {counted}: class 1 (2.5 % against 50.0 %), "
    )
    monkeypatch.chdir(tmp_path)
    line, of_class, tolerant = re.findall(r"^tfstab (compare runs/old runs/new .*)$", GATE.read_text("utf-8"), re.M)
    assert of_class.replace("--class defect ", "") == line == tolerant.replace(" --tolerance 2", "")
    passed = CliRunner().invoke(app, line.split())
    assert passed.exit_code == 0 and passed.output.endswith(f"{told}\n")
    turned = ["compare", "runs/new", "runs/old"]
    failed = CliRunner().invoke(app, [*turned, "--fail-if-worse", "--json"])
    assert failed.exit_code == 1 and json.loads(failed.output)[0]["worse"] == [
        "clean images",
        "class 1",
        "Gaussian noise",
    ]
    assert CliRunner().invoke(app, turned).exit_code == 0


def test_the_gate_says_which_recalls_under_degradation_it_leaves_out(tmp_path):
    """Under noise, class 0 loses as many images as class 1 gains, so no accuracy changes."""
    labels = np.repeat([0, 1], 60)
    half = np.arange(120) % 60 < 30
    wrong = {"old": half & (labels == 1), "new": half & (labels == 0)}
    for name, where in wrong.items():
        degraded = np.where(where, 2, labels)[:, None, None]
        made_sweep(tmp_path / name / "gaussian_noise", TWO, degraded, labels, labels, name=name)
    command = ["compare", *(str(tmp_path / name) for name in wrong), "--fail-if-worse"]
    passed = CliRunner().invoke(app, command)
    assert passed.exit_code == 0 and "a lower recall than 'old', decided for all at once: class 0" in passed.output
    assert passed.output.splitlines()[-1].endswith(
        " for all together). The recalls of single classes under degradation do not count: 1 is certainly lower. "
        "To make it count, name the classes that matter with --class NAME (in Python of_classes=)."
    )
    failed = CliRunner().invoke(app, [*command, "--class", "0"])
    assert failed.exit_code == 1 and "do not count" not in failed.output


def test_a_class_that_gets_worse_fails_the_gate_though_another_gets_better(tmp_path):
    """Class 'a lorry' loses 12 of 50 images and class 2 gains 7, decided among the 2 classes but not among all 4."""
    labels = np.repeat([0, 2], 50)
    wrong = [np.arange(50) < count for count in (10, 22, 12, 5)]  # of each class, before and after
    runs = []
    for name, one, other in (("old", wrong[0], wrong[2]), ("new", wrong[1], wrong[3])):
        clean = np.where(np.concatenate([one, other]), 1, labels)
        run = made_sweep(tmp_path / name, TWO, labels[:, None, None], labels, clean, name=name)
        info = json.loads((run.path / "run.json").read_text("utf-8"))
        info["data"]["class_names"] = ["a lorry", "1", "2"]
        (run.path / "run.json").write_text(json.dumps(info), "utf-8")
        runs.append(run.path)
    gate = CliRunner().invoke(app, ["compare", *map(str, runs), "--fail-if-worse"])
    assert gate.exit_code == 1
    assert "is right more often than 'old' in class 2 (45 against 38 of 50 images)" in gate.output
    (entry,) = json.loads(CliRunner().invoke(app, ["compare", *map(str, runs), "--json"]).output)
    assert entry["worse"] == ["class 'a lorry'"]
    assert entry["worse_of"] == ["clean images", "class 'a lorry'", "class 2", "Gaussian noise"]
    back = CliRunner().invoke(app, ["compare", *map(str, reversed(runs)), "--fail-if-worse"])
    assert back.exit_code == 0 and back.output.endswith(
        "Decided for the 2 classes by themselves, but not for all 4 comparisons together, so it does not count: class "
        "2 (76.0 % against 90.0 %).\n"
    )
    named = CliRunner().invoke(app, ["compare", *map(str, reversed(runs)), "--fail-if-worse", "--class", "2"])
    assert named.exit_code == 1 and named.output.endswith(
        "old is worse than new in 1 of the 4 comparisons (recall of class 2, precision of class 2, recall of class 2 "
        "under Gaussian noise and specificity of class 2 under Gaussian noise; 95 % confidence for all together): "
        "recall of class 2 (76.0 % against 90.0 %). The "
        "largest loss of recall that remains possible is 28.7 points: recall of class 2, compared on 50 images.\n"
    )
    both = ["compare", *map(str, runs), "--fail-if-worse", "--json", "--class"]
    (entry,) = json.loads(CliRunner().invoke(app, [*both, "a lorry"]).output)
    assert entry["worse"] == ["recall of class 'a lorry'"] and len(entry["worse_of"]) == 4
    both = compare(*runs)
    assert both.worse("a lorry") == both.worse(["a lorry"]) == ("recall of class 'a lorry'",)
    assert both.judgement("a lorry").startswith("new is worse than old in 1 of the 4 comparisons (recall of class 'a l")
    with pytest.raises(InputError, match="the runs have no clean image of class lorry in common: "):
        worse(compared_pairs([opened(run) for run in runs])[0], ["lorry"])


def test_a_class_is_also_named_by_the_number_of_its_folder(tmp_path):
    """The folder 00001 is class 1 of the model, whatever the model calls it, as for requirements and targets."""
    true = np.arange(60) % 3
    number = np.where(true == 1, np.arange(60), 99)
    old, new = (
        made_sweep(tmp_path / name, TWO, true[:, None, None], true, clean, classes=3, name=name)
        for name, clean in (("old", true), ("new", np.where(number < 54, 2, true)))
    )
    pair = SweepComparison(old, new)
    pair.on_clean.class_names = ("yield", "stop", "crane")
    by_name, by_number = (class_figures(pair, names) for names in (["stop"], ["00001", "stop"]))
    assert by_number == by_name and by_name[0].title == "recall of class stop" and by_name[0].sign == -1
    assert worse_sentence(pair, ["1"]) == worse_sentence(pair, ["stop"])
    for unknown in ("3", "Stop"):
        with pytest.raises(InputError, match=f"no clean image of class {unknown} in common: "):
            worse(pair, [unknown])
    pair = SweepComparison(old, new)
    pair.on_clean.class_names = ("crane", "crane", "1")
    assert class_figures(pair, ["1"])[0].paired.second == 1, "a name comes before a number"
    with pytest.raises(InputError, match=r"did you mean 'crane \(0\)' or 'crane \(1\)'"):
        worse(pair, ["crane"])


def test_many_classes_do_not_hide_a_loss_of_clean_accuracy(tmp_path):
    """11 of 3,000 images are lost: p is about 0.001, which is not small among 302 comparisons that count alike."""
    true = np.arange(3000) % 300
    old, new = (
        made_sweep(tmp_path / name, TWO, true[:, None, None], true, clean, classes=300, name=name)
        for name, clean in (("old", true), ("new", np.where(np.arange(3000) < 11, true + 1, true)))
    )
    pair = SweepComparison(old, new)
    assert len(respects(pair)) == 302 and list(worse(pair)) == ["clean images"]


def test_images_on_which_a_network_does_worse_than_guessing_may_be_chosen(tmp_path):
    """The first is wrong on all 30 images of 3 classes; the other one, as bad in truth, gets some of them right."""
    labels = np.arange(30) % 3
    clean = {"old": (labels + 1) % 3, "new": np.where(np.arange(30) < 10, labels, (labels + 2) % 3)}
    runs = [
        made_sweep(tmp_path / name, TWO, labels[:, None, None], labels, predicted, name=name)
        for name, predicted in clean.items()
    ]
    told = CliRunner().invoke(app, ["compare", *(str(run.path) for run in runs), "--fail-if-worse"])
    assert told.exit_code == 0 and told.output.endswith(
        "Do not rely on this if the images were chosen because old fails on them.\n"
    )
    note = (
        "Of these 30 clean images, 'old' gets 0 right, fewer than by guessing among 3 classes (33.3 %). If the images "
        "were chosen because 'old' fails on them, the other network looks better on them than it is, even if it is "
        "worse"
    )
    assert note in told.output
    (entry,) = json.loads(CliRunner().invoke(app, ["compare", *(str(run.path) for run in runs), "--json"]).output)
    assert entry["notes"][0].startswith(note) and "new" not in entry["notes"][0]
    assert "guessing" not in SweepComparison(runs[1], runs[1]).summary()


def test_the_gate_accepts_losses_within_a_tolerance(tmp_path):
    """The new network is wrong on 3 of 1,000 clean images, and under noise on 100."""
    labels, number = np.arange(1000) % 2, np.arange(1000)
    clean, noisy = (np.where(number < lost, 1 - labels, labels) for lost in (3, 100))
    for name, one, other in (("old", labels, labels), ("new", noisy, clean)):
        made_sweep(tmp_path / name / "gaussian_noise", TWO, one[:, None, None], labels, other, name=name)
    both = compare(tmp_path / "old", tmp_path / "new")
    assert both.worse() == both.worse(tolerance=0.05) == ("Gaussian noise",) and both.worse(tolerance=0.09) == ()
    assert both.judgement(tolerance=0.05).startswith("new is worse than old by more than 5 points in 1 of the 4 ")
    told = (
        "Worse, but not certainly by more than 9 points, so it does not count: Gaussian noise (90.0 % against 100.0 %)."
    )
    assert both.judgement(tolerance=0.09).startswith(
        "None of the 4 comparisons shows that new is worse than old by more"
    )
    assert told in both.judgement(tolerance=0.09)
    command = ["compare", *(str(tmp_path / name) for name in ("old", "new"))]
    for points, code in (("5", 1), ("9", 0)):
        asked = [*command, "--fail-if-worse", "--tolerance", points, "--out", str(tmp_path / points)]
        assert CliRunner().invoke(app, asked).exit_code == code
        judged = both.judgement(tolerance=float(points) / 100)
        page = html.unescape((tmp_path / points / "report.html").read_text("utf-8"))
        assert judged.partition(". ")[0] in re.sub("<[^>]*>", "", page), "for those who get the page alone"
    for options, said in (
        (["--tolerance", "2"], "--tolerance is for --fail-if-worse: add it, or leave --tolerance out."),
        (["--fail-if-worse", "--tolerance", "-1"], "expected percentage points from 0 to less than 100, such as 2."),
    ):
        refused = CliRunner().invoke(app, [*command, *options])
        assert isinstance(refused.exception, InputError) and str(refused.exception).endswith(said)
    with pytest.raises(InputError, match=r"the tolerance is 2; expected a share from 0 to less than 1, such as 0.02."):
        both.worse(tolerance=2)
