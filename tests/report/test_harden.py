"""`tfstab.harden` and `tfstab harden`: a hardened model, its comparison with the original, and a page."""

import copy
import html
import json
import math
import re
import shlex
import shutil
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from own_time import own_time
from pages_in_words import without_marks
from PIL import Image

from processes import refused, tfstab_here
from tfstab import (
    Classifier,
    harden,
    inspect_picture,
    inspect_pictures,
    load_classifier,
    load_dataset,
    open_assessment,
    open_run,
)
from tfstab.assessment import paired_search
from tfstab.degradations import BUILT_IN, get_degradation, ranges
from tfstab.errors import DataError, InputError, RunError
from tfstab.experiments.remedy_change import Change
from tfstab.metrics.paired import Ratio
from tfstab.orders.hardening import HardeningSubject, hardening_subject
from tfstab.orders.step import options_of_run
from tfstab.parsing import parse_ranges
from tfstab.report import trained_on
from tfstab.report.harden import harden_config
from tfstab.report.harden_page import big_numbers, figures_table, harden_page
from tfstab.report.harden_time import enough_minutes
from tfstab.report.hardening_advice import advice, calls
from tfstab.report.hardening_limits import TOO_BRIEF
from tfstab.report.hardening_shortages import shortages
from tfstab.runs.info import read_info, run_folders
from tfstab.runs.known_models import known_model
from tfstab.runs.together import SIDES
from tfstab.training.hardening_card import is_hardened
from tfstab.training.images import hold_out
from tfstab.training.remedies.averaging import SHARES, ShareFigures, choose_share

SIZE, COUNT = 8, 150
GIVEN = {"against": ["fog"], "degradations": ["fog", "brightness"], "minutes": 0.05}


@pytest.fixture(scope="module", autouse=True)
def clock():
    """The clock of all budgets: about ten milliseconds for a step of the training, and none to search minimum noise."""
    with pytest.MonkeyPatch.context() as patch, own_time(0.01) as clock:
        patch.setattr(paired_search, "FEWEST_SEARCHED", 10**9)
        yield clock


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network that tells whether the left or the right half is brighter, images for it, and some of another kind."""
    path = tmp_path_factory.mktemp("harden")
    rng = np.random.default_rng(0)
    labels = np.arange(COUNT) % 2
    images = rng.integers(60, 100, (COUNT, SIZE, SIZE, 1))
    for label, half in enumerate((slice(0, SIZE // 2), slice(SIZE // 2, SIZE))):
        images[labels == label, :, half] += rng.integers(20, 90, (labels == label).sum())[:, None, None, None]
    names = np.array(["left", "right"])
    np.savez(path / "halves.npz", images=images.astype(np.uint8), labels=labels, class_names=names)
    np.savez(path / "third.npz", images=images[:9].astype(np.uint8), labels=labels[:9], class_names=["middle", "right"])
    weights = np.zeros((SIZE, SIZE, 2))
    weights[:, : SIZE // 2, 0] = weights[:, SIZE // 2 :, 1] = 0.002
    weights += 0.002  # the outputs also depend on the brightness, so that there is something to gain
    layers = [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential(layers)
    model.set_weights([weights.reshape(-1, 2), np.array([0.6, -0.6])])
    model.save(path / "tiny.keras")
    return path


@pytest.fixture(scope="module")
def hardening(folder):
    """A hardening that was interrupted while it measured, and then went on."""

    def interrupt(progress):
        if progress.stage == "measuring" and progress.done:
            raise KeyboardInterrupt

    given = {"train": folder / "halves.npz", "out": folder / "out"} | GIVEN
    as_object = given | {"degradations": ["fog", get_degradation("brightness")]}
    with pytest.raises(KeyboardInterrupt):
        harden(folder / "tiny.keras", **as_object, on_progress=interrupt)
    trained = (folder / "out" / "tiny-hardened.keras").stat().st_mtime_ns
    hardening = harden(folder / "tiny.keras", **given)
    assert hardening.model.stat().st_mtime_ns == trained, "it was trained once"
    for side, file in ((SIDES[0], folder / "tiny.keras"), (SIDES[1], hardening.model)):  # the viewer finds both models
        (run, *_) = run_folders(folder / "out" / side)
        assert known_model(read_info(run)["model"]["fingerprint"])[0] == str(file)
    return hardening


@pytest.fixture
def two_built_in(monkeypatch):
    """Fog and brightness are all built-in degradations: a training that is given none compiles each of them."""
    two = {name: BUILT_IN[name] for name in ("fog", "brightness")}
    for module in (ranges, trained_on):
        monkeypatch.setattr(module, "BUILT_IN", two)


def test_both_networks_are_measured_on_the_same_degraded_images(hardening):
    compared = hardening.comparison
    assert [(f.name, f.trained) for f in compared.families] == [("fog", True), ("brightness", False)]
    for before, after in compared.pairs:
        assert before.path.parts[-2:] == ("original", before.degradation.name) and before.complete and after.complete
        assert after.path.parts[-2:] == ("hardened", before.degradation.name)
        assert before.config == after.config and np.array_equal(before.clean.images, after.clean.images)
    kept = load_dataset(hardening.path / "test.npz")  # held out; a part of them are validation images
    assert set(map(bytes, compared.pairs[0][0].clean.images)) < set(map(bytes, kept.images))
    assert len(compared.images) == COUNT * 3 // 20, "there was time for all"
    assert (compared.before, compared.after) == ("tiny", "tiny-hardened")


def test_the_search_for_minimum_noise_can_be_left_out(hardening, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(paired_search, "FEWEST_SEARCHED", 1)
    given = {"train": folder / "halves.npz", "search": False} | GIVEN
    for search in (False, True):
        out = shutil.copytree(hardening.path, tmp_path / str(search))
        again = harden(folder / "tiny.keras", **given | {"out": out, "search": search})
        assert (out / SIDES[0] / "search").is_dir() == search and ("minimum noise" in again.summary().lower()) == search


def test_the_file_is_the_network_that_was_measured(hardening):
    loaded = load_classifier(hardening.model)
    info = hardening.comparison.pairs[0][1].info["model"]
    assert loaded.fingerprint == info["fingerprint"] == hardening.classifier.fingerprint
    assert json.loads(hardening.model.with_suffix(".json").read_text())["class_names"] == ["left", "right"]


def test_a_threshold_that_was_chosen_for_the_original_model_is_to_be_chosen_anew(hardening):
    own = replace(hardening.hardened, classifier=load_classifier(hardening.model, threshold=0.2))
    told = "Choose a new decision threshold for the hardened model, on validation images: 0.2 was chosen for the scores"
    for steps in (replace(hardening, hardened=own).next_steps, advice(replace(hardening, hardened=own))):
        assert steps[0].startswith(told)
    assert "threshold" not in f"{hardening.next_steps} {advice(hardening)}"


def test_a_picture_is_inspected_with_the_hardened_model_if_the_folder_of_a_hardening_is_given(hardening, tmp_path):
    """Its card has what is needed to load it, so no option is proposed; nor is hardening it once more."""
    Image.fromarray(np.full((SIZE, SIZE), 255, np.uint8)).save(tmp_path / "white.png")
    scores = hardening.classifier.scores(np.full((1, SIZE, SIZE, 1), 255, np.uint8))
    for name in ("left", "right"):
        told = tfstab_here("inspect", hardening.path, tmp_path / "white.png", "--class", name, "--why")
        side = hardening.path / "hardened"
        remark = f"{hardening.path} is a hardening: its hardened model is taken, which was measured on the images of"
        assert f"{remark} {side}" in " ".join(told.stderr.split())
        assert "tiny-hardened" in told.stderr
        assert ("as predicted" in told.stdout.splitlines()[0]) == (name == ("left", "right")[scores[0].argmax()])
        assert "harden " not in told.stdout.partition("next:")[2] and f"tfstab view {side}" in told.stdout
    found = inspect_picture(hardening.model, tmp_path / "white.png", run=hardening.path)
    assert found.compared.run == str(side)
    original = open_run(hardening.path / "original" / "fog").info
    assert is_hardened(load_classifier(hardening.model)) and options_of_run(original)["preprocess"] is None
    options = options_of_run(open_run(side / "fog").info)
    assert options is not None and options["preprocess"] is None and options["classes"] is None
    unmeasured = shutil.copytree(hardening.path, tmp_path / "begun", ignore=shutil.ignore_patterns(*SIDES))
    with pytest.raises(RunError) as refused_alike:
        open_run(hardening.path)
    for path, told in ((hardening.path, str(refused_alike.value)), (unmeasured, "without runs of the models")):
        with pytest.raises(RunError, match=re.escape(told)):
            open_assessment(path)
    assert "give " in str(refused_alike.value) and open_assessment(side).figures.families
    said = refused(tfstab_here("inspect", unmeasured, tmp_path / "white.png"))
    assert f"{unmeasured} is a folder of `tfstab harden` without runs of the models" in said


def test_pictures_in_a_folder_have_the_prediction_of_the_network_before_hardening(hardening, tmp_path):
    rng = np.random.default_rng(3)
    images = rng.integers(60, 100, (COUNT, SIZE, SIZE, 1), dtype=np.uint8)
    images[:, :, SIZE // 2 :] += np.arange(COUNT, dtype=np.uint8).reshape(-1, 1, 1, 1)  # some are hard to decide
    original = load_classifier(hardening.path.parent / "tiny.keras").scores(images).argmax(axis=1)
    hardened = hardening.classifier.scores(images).argmax(axis=1)
    for name in ("left", "right"):
        (tmp_path / "own" / name).mkdir(parents=True)
    labels = [int(original[k] if k % 3 else 1 - original[k]) for k in range(COUNT)]  # a third are wrong before
    for k, label in enumerate(labels):
        Image.fromarray(images[k, ..., 0]).save(tmp_path / "own" / ("left", "right")[label] / f"{k:02}.png")
    found = inspect_pictures(hardening.model, tmp_path / "own", run=hardening.path)
    table = found.to_pandas().set_index("picture")
    for k, label in enumerate(labels):
        row = table.loc[f"{('left', 'right')[label]}/{k:02}.png"]
        assert (row.before, row.predicted) == tuple(("left", "right")[n] for n in (original[k], hardened[k]))
    wrong, right = (np.array(labels) == side for side in (1 - original, original))
    repaired, broken = (int((hardened == labels)[wrong].sum()), int((hardened != labels)[right].sum()))
    assert repaired, (original, hardened)
    changed = found.sentences[1]
    assert f"- 'tiny', the network before hardening, gets {wrong.sum()} pictures wrong; the hardened" in changed
    assert f"the hardened network gets {repaired} of these right" in changed and "by chance" in changed
    assert f"that were right before, {broken or 'none'} {'are' if broken > 1 else 'is'} wrong now." in changed
    assert found.table.columns[2] == "before" and found.to_json()["before"] == "tiny"
    of_original = inspect_pictures(
        hardening.path.parent / "tiny.keras", tmp_path / "own", run=hardening.path / "original"
    )
    assert not of_original.before and "before" not in of_original.table.columns
    (hardening.path.parent / "tiny.keras").rename(tmp_path / "moved.keras")
    try:
        with pytest.warns(UserWarning, match="before hardening are left out, because it is not known where"):
            alone = inspect_pictures(hardening.model, tmp_path / "own", run=hardening.path)
    finally:
        (tmp_path / "moved.keras").rename(hardening.path.parent / "tiny.keras")
    assert alone.to_pandas().before.isna().all() and len(alone.sentences) == 1


def test_the_test_images_that_chose_no_weights_are_given(hardening, folder):
    """They and the validation images are those held out, by their positions in the images that were given."""
    others, every = hardening.test_images, load_dataset(folder / "halves.npz", split="train")
    validation = hardening.card["data"]["validation"]["indices"]
    _, held_out = hold_out(every)
    assert len(others) == hardening.available and np.array_equal(every.images[others.indices], others.images)
    assert sorted([*others.indices, *validation]) == sorted(held_out.indices) and len(validation)
    unknown, own = replace(hardening, test_images=None), {"data": {"validation": {"split": "val", "images": 9}}}
    card = replace(hardening.hardened, card=hardening.card | own)
    assert (
        calls(unknown) == calls(replace(hardening, hardened=card)) == calls(replace(hardening, comparison=None)) == []
    )


def test_the_page_says_what_the_comparison_says(hardening):
    page = without_marks(hardening.report.read_text("utf-8"))
    first, *_ = hardening.summary().splitlines()[1].split(". ")
    for words in (first, "&#39;tiny&#39; before and after hardening", "fog *", "held out of the training images", "1 ×",
                  "of the test images, not used in the comparison",
                  "tfstab assess tiny-hardened.keras OTHER_IMAGES", "The weights of the hardened model were chosen on ",
                  "Averages tried", "not decided", "import keras",
                  "If the original was trained on them before", "tfstab report original --out",
                  "each is for its degradation alone"):  # fmt: skip
        assert words in page, words
    assert "nan" not in page.lower().replace("finance", "")
    drawn = {text.get_text() for axis in hardening.plot().axes for text in axis.get_yticklabels()}
    assert {"clean images", "fog"} <= drawn, drawn
    with pytest.raises(InputError, match="no remedy was adopted, so there is only one model"):
        replace(hardening, comparison=None).plot()
    card = hardening.card | {"data": {"validation": {"split": "val", "images": 9}}}
    one_way = "Measured in one direction only: brightness (brighter)."
    notes = f"{one_way}\nOutside tfstab, tiny-hardened.keras takes inputs 0..255."
    (call,) = calls(hardening)
    assert call.startswith(
        "assessment = tfstab.assess(hardening.classifier, hardening.test_images)  # on test images that did not choose "
    )
    steps = "\n      ".join(hardening.next_steps)
    assert str(hardening) == f"{hardening.summary()}\n\n{notes}\n\nNext: {steps}"
    assert one_way in str(hardening.comparison)
    assert hardening.next_steps[-1] == call and hardening.next_steps[-2] == advice(hardening)[-1]
    shown = html.unescape(hardening._repr_html_())
    assert all(text in shown for text in (*notes.splitlines(), *hardening.next_steps))
    longer, *_ = advice(hardening)
    assert advice(replace(hardening, hardened=replace(hardening.hardened, card=card))) == [longer]
    model, train, out = (str(hardening.path.parent / name) for name in ("tiny.keras", "halves.npz", "out-longer"))
    assert hardening.next_steps[0] == (
        f"longer = tfstab.harden({model!r}, train={train!r}, against=['fog'], minutes=0.1, out={out!r}, "
        "degradations=['fog', 'brightness'])  # a longer training"
    )
    assert "`" not in "".join(hardening.next_steps), "calls, not options of the command"
    by_command = replace(hardening, trainings=())
    assert by_command.next_steps == [*advice(hardening), call], "nothing is known of a call"
    for clean, accuracy, family, said in ((1, 0, 0, "Clean accuracy rose, "), (0, 1, 0, "A part of the gain may come "),
                                          (0, 0, 1, "A part of the gain may come "), (-1, 0, -1, "")):  # fmt: skip
        signs = {"clean": SimpleNamespace(sign=clean), "accuracy": SimpleNamespace(sign=accuracy)}
        gained = SimpleNamespace(
            change=lambda name, signs=signs: SimpleNamespace(paired=signs[name]),
            families=[SimpleNamespace(decided=family)],
        )
        made = replace(hardening, comparison=gained)
        assert made.caveat.startswith(said) and ("longer training alone" in made.caveat) == bool(said)
        assert ("`--clean-share 1`" in advice(made)[1]) == bool(said)
    card |= {"settings": card["settings"] | {"clean_share": 1}}
    control = replace(hardening, hardened=replace(hardening.hardened, card=card))
    assert "clean images only, so whatever has become better comes from longer training" in control.caveat
    assert "` to train equally long, but without `--clean-share 1` (in Python out=, steps=" in advice(control)[-1]


def test_if_nothing_is_adopted_nothing_is_measured_until_more_time_gives_another_network(folder, tmp_path, monkeypatch):
    chosen, given = "tfstab.training.hardening_training.choose_share", {"train": folder / "halves.npz", "out": tmp_path}
    monkeypatch.setattr(chosen, lambda evaluate, floor: choose_share(evaluate, floor=2))
    kept = harden(folder / "tiny.keras", **given | GIVEN)
    assert kept.comparison is None and not (tmp_path / SIDES[0]).exists() and kept.to_json()["unchanged"]
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


def test_the_command_goes_on_with_the_same_folder(hardening, folder):
    given = ["harden", folder / "tiny.keras", "--train", folder / "halves.npz", "--out", hardening.path, "--minutes",
             0.05, "--against", "fog", "--degradation", "fog,brightness"]  # fmt: skip
    told = tfstab_here(*given, "--json")
    answer = json.loads(told.stdout)
    assert answer["figures"].keys() >= hardening.to_json()["figures"].keys()
    assert answer == json.loads((hardening.path / "comparison.json").read_text("utf-8"))
    assert "training images: " in told.stderr and "a fifth of the images, held out" in told.stderr
    assert "note: the test images were held out" in told.stderr
    said = tfstab_here(*given).stdout
    table = said.partition("Accuracy by degradation")[2]
    assert [line.split()[0] for line in table.splitlines() if "+" in line] == ["fog", "brightness"]
    assert "\nMeasured in one direction only: brightness (brighter).\n" in said
    assert ">Measured in one direction only: brightness (brighter).<" in hardening.report.read_text("utf-8")
    assert f"report: {hardening.report}" in said and "Averaged over 2 degradations" in said
    assert f"model:  {hardening.model}\n" in said
    options = f"--train={folder / 'halves.npz'} --minutes=0.05 --against=fog"
    again = f"{options} --degradation=fog,brightness --out={hardening.path}   # the minimum noise of more images; other"
    assert f"harden {folder / 'tiny.keras'} {again}" in said.partition("next: ")[2]
    assert "All images are already compared under every degradation." in hardening.report.read_text("utf-8")
    figures = json.loads((hardening.path / "comparison.json").read_text("utf-8"))["figures"]  # of this call
    assert "Minimum noise was not measured" in said and "minimum_noise" not in figures
    assert "differs in its settings" in refused(tfstab_here(*given, "--seed", 3))
    for side in SIDES:
        assert open_run(hardening.path / side / "fog").complete
        assert tfstab_here("report", hardening.path / side, "--out", folder / side).returncode == 0


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
        f"report {own}/hardened --out={own}/hardened.html", f"inspect {own}/hardened PICTURE --class=NAME"
    ]  # fmt: skip
    assert tfstab_here(*shlex.split(of_hardened[0]), cwd=tmp_path).returncode == 0
    assert "How stable is weak-hardened?" in (tmp_path / own / "hardened.html").read_text("utf-8")
    steps = json.loads((tmp_path / own / "hardening.json").read_text("utf-8"))["steps"]
    expected = [
        f"harden weak.keras {options} --steps={steps} --out={control}",
        f"compare {control}/hardened {own}/hardened",
    ]
    assert [command.split("tfstab ")[1].strip() for command in commands[:-1]] == [*of_hardened, *expected]
    assert all(f"<code>tfstab {command}</code>" in page for command in expected)
    assert purposes[:-1] == ("a report on the hardened model alone, on the images of the comparison",
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which images? name training images with --train"),
        (["halves.npz"], "has no training images of its own: name some with --train"),
        (["--train", "none.npz"], "none.npz is not a file"),
        (["--train", "halves.npz", "--against", "fogg"], "did you mean 'fog'"),
        (["--train", "halves.npz", "--against", "fog@5"], "expected NAME or NAME@WEAKEST:STRONGEST"),
        (["--train", "halves.npz", "--against", "fog@5:9,fog"], "fog twice"),
        (["--train", "halves.npz", "--against", "fog@0:300"], "density of fog is [300]"),
        (["--train", "halves.npz", "--remedy", "magic"], "unknown remedy 'magic'"),
        (["--train", "halves.npz", "--keep-clean", "-1"], "keep_clean is -1"),
        (["--train", "halves.npz", "--clean-share", "2"], "clean_share is 2"),
        (["--train", "halves.npz", "--minutes", "0"], "minutes is 0"),
        (["--train", "halves.npz", "--degradation", "fogg"], "did you mean 'fog'"),
        (["--train", "halves.npz", "--out", "."], "holds other files"),
        (["--train", "halves.npz", "--out", "halves.npz"], "is a file"),
        (["--data", "halves.npz", "--train", "./halves.npz"], "halves.npz was given both as test and as training"),
        (["halves.npz", "--data", "halves.npz"], "test images were given twice"),
        (["third.npz", "--train", "halves.npz"], "third.npz"),
    ],
)
def test_bad_input_is_refused_before_the_training(folder, arguments, said):
    model = ["tiny.keras"] if arguments else []
    minutes = [] if "--minutes" in arguments else ["--minutes", 0.02]
    assert said in refused(tfstab_here("harden", *minutes, *model, *arguments, cwd=folder))
    assert not (folder / "runs").exists()


def test_training_images_beside_the_test_images_are_suggested(folder, tmp_path):
    (tmp_path / "train").mkdir()
    shutil.copy(folder / "halves.npz", tmp_path / "test.npz")
    with pytest.raises(
        InputError, match=rf"name some, as with --train {re.escape(str(tmp_path / 'train'))} \(in Python"
    ):
        harden(folder / "tiny.keras", tmp_path / "test.npz", **GIVEN)


def test_a_folder_with_other_files_is_refused(folder, tmp_path):
    with pytest.raises(RunError, match=r"^\\udcff cannot be used as a path \(it is not UTF-8"):
        harden(folder / "tiny.keras", train=folder / "halves.npz", out="\udcff", **GIVEN)
    (tmp_path / "a.b").touch()
    with pytest.raises(RunError, match=r"holds other files \(a\.b\)"):
        harden(folder / "tiny.keras", train=folder / "halves.npz", out=tmp_path, **GIVEN)


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


def test_a_comparison_of_fewer_degradations_or_validation_images_says_so(hardening, folder):
    fewer = replace(hardening, left_out=("JPEG", "fog"))
    card = hardening.card | {"validation": hardening.card["validation"] | {"images": 3}}
    seen = card["data"]["validation"]["images"]
    fewer = replace(fewer, hardened=replace(hardening.hardened, card=card))
    said = fewer.summary()
    missing = "Only 2 of 4 degradations were measured; there was no time for JPEG and fog. Run the same command again"
    assert said.startswith(missing) and json.loads(json.dumps(fewer.to_json()))["unmeasured"] == ["JPEG", "fog"]
    subject = hardening_subject(folder / "tiny.keras", train=folder / "halves.npz")
    assert f"<b>{missing}" in harden_page(fewer, subject), "in place of what changed, which is about the others"
    assert f"For lack of time, the weights were chosen on only 3 of {seen} validation images." in said
    lacking = [
        said for said in shortages(hardening) if "planned steps" not in said
    ]  # by the test's clock, rounds are slow
    assert lacking and all("Minimum noise" in said for said in lacking)
    table = figures_table(hardening.comparison)
    assert not any("inimum noise" in text for text in (*table.notes, *(row[0] for row in table.rows)))
    used = f"hardened model were chosen on 3 of the {seen} test images that were set aside for validation, so it may"
    assert used in advice(fewer)[-1]
    assert f"use new images, or the other {COUNT * 3 // 20} test images; the models" in advice(fewer)[-1]
    assert advice(replace(fewer, available=0))[-1].endswith(" than it is. To assess it, use other images.")
    untrained = replace(hardening.hardened, card=card | {"cannot_train": "all its layers are frozen"})
    assert "the remedy was chosen on only 3 of" in replace(hardening, hardened=untrained).summary()
    nothing = replace(hardening, hardened=untrained, comparison=None)
    again = replace(nothing, retrain_minutes=6).next_steps[0]
    assert "`--minutes 6` (in Python minutes=6) or more. It keeps what it has measured" in again
    assert "--minutes" not in nothing.next_steps[0]
    shorter = replace(hardening.hardened, card=hardening.card | {"steps": 440, "planned_steps": 1640})
    shortened = "no time for all planned steps of the training: it was shortened from 1,640 to 440 steps."
    for comparison in (hardening.comparison, None):
        assert shortened in replace(hardening, hardened=shorter, comparison=comparison).summary()
    train, held_out = hold_out(load_dataset(folder / "halves.npz"))
    subject = HardeningSubject(hardening.classifier, train, held_out, held_out=True, trust=False, changed={})
    seen = len(subject.divided[1])
    assert f"3 of the {seen} that were set aside of the test images, not used in" in harden_page(fewer, subject)


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


def test_a_page_says_near_its_top_and_below_its_tables_that_images_are_one_of_each_group(
    hardening, folder, monkeypatch
):
    subject = hardening_subject(folder / "tiny.keras", train=folder / "halves.npz")
    said = "The images are drawn at random from 360 images of 120 groups, no two of the same group."
    assert said not in harden_page(hardening, subject)
    data = hardening.comparison.pairs[0][0].info["data"]
    monkeypatch.setitem(data, "remarks", "one image of each group, drawn at random: 120 of 360")
    top, *sections = harden_page(hardening, subject).split("<section>")
    assert said in top
    for section in sections:
        assert (said in section) == ("What changed, by class" in section or "All numbers" in section)


def test_too_few_images_are_said_with_the_minutes_that_are_enough(hardening, folder):
    few = replace(hardening, available=1000, enough_minutes=9)
    advice = "run the same command again with `--minutes 9` (in Python minutes=9), enough for about 50 images."
    assert f"These are too few for useful intervals: {advice}" in few.summary()
    train, held_out = hold_out(load_dataset(folder / "halves.npz"))
    subject = HardeningSubject(hardening.classifier, train, held_out, held_out=True, trust=False, changed={})
    assert advice.replace("`--minutes 9`", "<code>--minutes 9</code>") in harden_page(few, subject)
    noise = Change("minimum_noise", "minimum noise, median L2", 1, Ratio(281, 241, 0.86, 0.0, math.inf, 1, 0, 1))
    compared = copy.copy(hardening.comparison)
    compared.search, compared.__dict__["changes"] = object(), [*hardening.comparison.changes[:3], noise]
    said = replace(hardening, comparison=compared).summary()
    assert "0.86" not in said and "Minimum noise was found for both models in only 1 image, too few to say" in said


def test_a_search_that_was_not_wanted_is_not_proposed(hardening, folder):
    """All images are compared already, so the same command has nothing else to do."""
    train, held_out = hold_out(load_dataset(folder / "halves.npz"))
    subject = HardeningSubject(hardening.classifier, train, held_out, held_out=True, trust=False, changed={})
    for searched in (True, False):
        told = replace(hardening, searched=searched)
        assert told.all_compared and told.goes_on == searched
        assert ("minimum noise of more" in harden_page(told, subject)) == searched


def test_families_without_a_range_get_their_own():
    typed = parse_ranges("fog, gaussian_noise@5:40", "--against")
    assert harden_config("mixture", typed).against == {"fog": (0, 80), "gaussian_noise": (5, 40)}
    assert [part.ends for part in harden_config("mixture", ["jpeg"]).families] == [(10, 99)]


def test_equal_images_and_those_of_a_group_are_not_both_watched_and_compared(folder):
    images = load_dataset(folder / "halves.npz")
    twice = images.select(np.repeat(np.arange(60), 2))
    in_groups = replace(images, groups=np.arange(COUNT) // 3)
    for test, same in ((twice, lambda part: {bytes(image) for image in part.images}),
                       (in_groups, lambda part: set(part.groups.tolist()))):  # fmt: skip
        compared, watched = HardeningSubject(None, images, test, False, False, {}).divided
        assert 20 <= len(watched) < len(compared) and not same(compared) & same(watched)
    with pytest.raises(DataError, match="too few different images"):
        HardeningSubject(None, images, images.select(np.zeros(30, int)), False, False, {}).divided  # noqa: B018


def test_that_a_model_cannot_be_trained_is_said_before_any_time_is_spent(folder):
    def halves(images):
        return images.reshape(len(images), 2, -1).mean(axis=2)

    function = Classifier.from_function(halves, (SIZE, SIZE, 1), 2, fingerprint="halves", class_names=["left", "right"])
    subject = hardening_subject(function, None, folder / "halves.npz")
    said = " ".join(subject.taken_for)
    assert "cannot be trained: it is a predict function" in said and "cannot be saved as a .keras file" in said
    assert "set aside for validation, which chooses the remedy. Both models are compared on the other " in said
    trained = " ".join(hardening_subject(folder / "tiny.keras", None, folder / "halves.npz").taken_for)
    assert "cannot be trained" not in trained and "for validation, which chooses the weights." in trained


def test_images_of_the_same_classes_get_the_same_outputs_by_name(folder):
    data = np.load(folder / "halves.npz")
    right = data["labels"] == 1
    np.savez(
        folder / "only.npz", images=data["images"][right], labels=np.zeros(right.sum(), int), class_names=["right"]
    )
    subject = hardening_subject(folder / "tiny.keras", folder / "only.npz", folder / "halves.npz")
    assert set(subject.test.labels) == {1} and subject.test.class_names == ("left", "right")
    with pytest.raises(InputError, match="no training images"):
        hardening_subject(folder / "tiny.keras", folder / "third.npz", folder / "halves.npz")


def test_a_ratio_of_few_images_is_no_big_number():
    def shown(low, high):
        change = Change("minimum_noise", "minimum noise, median L2", 8, Ratio(10, 13, 1.3, low, high, 8, 5, 3))
        return [
            number.value
            for number in big_numbers(
                SimpleNamespace(on_clean=SimpleNamespace(labels=np.zeros(3, int)), changes=[change], images=range(8))
            )
        ]

    assert shown(0.4, 4.0) == ["× 1.30"] and shown(0.39, 289.0) == shown(0.4, math.inf) == []
