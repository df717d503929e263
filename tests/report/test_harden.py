"""`tfstab.harden` and `tfstab harden`: a hardened model, its comparison with the original, and a page."""

import copy
import html
import json
import math
import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from halves import COUNT, GIVEN, SIZE
from pages_in_words import without_marks
from PIL import Image

from processes import refused, tfstab_here
from tfstab import harden, inspect_picture, inspect_pictures, load_classifier, load_dataset, open_assessment, open_run
from tfstab.assessment import paired_search
from tfstab.errors import InputError, RunError
from tfstab.experiments.remedy_change import Change
from tfstab.metrics.paired import Ratio
from tfstab.orders.hardening import HardeningSubject, hardening_subject
from tfstab.orders.step import options_of_run
from tfstab.report.harden_page import big_numbers, figures_table, harden_page
from tfstab.report.hardening_advice import advice, calls
from tfstab.report.hardening_shortages import shortages
from tfstab.runs.together import SIDES
from tfstab.training.hardening_card import is_hardened
from tfstab.training.images import hold_out

pytestmark = pytest.mark.usefixtures("clock")


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
        "assessment = tfstab.assess(hardening.classifier, hardening.test_images)  # on test images not used to "
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
