"""The commands that follow an assessment or an explanation, for models that allow them or not."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from assessment_runs import first_of, sweep_of

from made_runs import made_sweep
from tfstab import Classifier, SweepConfig, load_classifier
from tfstab.assessment.opened import Assessment
from tfstab.cli.next_steps import print_next
from tfstab.degradations import get_degradation, registry
from tfstab.explanation.cause import Cause
from tfstab.explanation.remedies import with_remedies
from tfstab.metrics import Estimate
from tfstab.orders import ImageOptions, ModelOptions, Subject
from tfstab.orders.output_names import names_confirmed
from tfstab.orders.python_steps import python_steps
from tfstab.orders.step import options_of_run

FUNCTION = Classifier.from_function(lambda images: images, (4, 4, 1), 2, fingerprint="f")
TRAINED = "a more stable model, trained on all 19 built-in degradations"
MIXTURE = "", TRAINED
NO_CAUSE = SimpleNamespace(rows=range(5))  # an explanation of so few images names none


@pytest.fixture
def told(mnist_lenet, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for folder in ("photos/cat", "divided/test", "divided/train", "my photos/test/cat", "my photos/train/cat"):
        Path(folder).mkdir(parents=True)

    def given(images, explained=None, model=mnist_lenet, name="my.keras", assessment=None, **options):
        subject = Subject(ModelOptions(name, **options), images, load_model=lambda _: model)
        print_next(subject, explained, assessment)
        return capsys.readouterr().out

    return given


def test_the_next_commands_are_of_the_same_model_and_images(told):
    explaining = "tfstab explain my.keras photos --minutes=3 --resize=crop --preprocess=0..1"
    hardening = "tfstab harden my.keras photos --train=TRAINING_IMAGES --resize=crop --preprocess=0..1"
    gap = " " * (len(hardening) - len(explaining))
    assert told(ImageOptions("photos", limit=5, resize="crop"), preprocess="0..1") == (
        f"next:   {explaining}{gap}   # why noise changes predictions (3 minutes)\n"
        f"        {hardening}   # {TRAINED} (10 minutes); without other images, give only --train=photos\n"
    )
    own = "mean=76/std=66"
    assert told(ImageOptions("photos"), preprocess=own).count(f" --preprocess={own} ") == 2
    assert " --preprocess=none " in told(ImageOptions("photos"), preprocess="none"), "the file beside it may differ"
    hardening = "tfstab harden my.keras 'my photos/test' '--train=my photos/train'"
    assert told(ImageOptions("my photos/test"), explained=NO_CAUSE) == (
        f"next:   {hardening}   # {TRAINED} (10 minutes)\n"
    )
    Path("divided/train").rename("divided/training")
    assert told(ImageOptions("divided", split="validation"), explained=NO_CAUSE) == (
        f"next:   tfstab harden my.keras divided --split=validation   # {TRAINED} (10 minutes)\n"
    )
    assert told(ImageOptions("divided", split="training"), explained=NO_CAUSE) == "", "the model has learned them"
    Path("mnist").mkdir()
    assert "tfstab harden my.keras ./mnist --train=" in told(ImageOptions("./mnist"), explained=NO_CAUSE)
    assert told(ImageOptions("cifar10"), explained=NO_CAUSE) == (
        f"next:   tfstab harden my.keras cifar10   # {TRAINED} (10 minutes)\n"
    )


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["clean"], [("--clean-share=1", "a copy trained for longer on clean images")]),
        (
            ["gain", "margin", "clean", "clean"],
            [MIXTURE, ("--clean-share=1", "a copy trained for longer on clean images")],
        ),
        (
            ["high", "direction"],
            [("--against=gaussian_noise", "a more stable model, trained on Gaussian noise"), MIXTURE],
        ),
        (
            ["low", "clean"],
            [("--against=contrast,brightness,fog",
              "a more stable model, trained on changed contrast, brightness and fog"),
             MIXTURE, ("--clean-share=1", "a copy trained for longer on clean images")],
        ),
        (
            ["gain", "high"],
            [MIXTURE,
             ("--against=gaussian_noise", "a more stable model, trained on Gaussian noise")],
        ),
        (
            ["margin", "direction"],
            [("--clean-share=1", "a copy trained for longer on clean images"), MIXTURE],
        ),
        (["direction"], [MIXTURE]),
    ],
)  # fmt: skip
def test_after_an_explanation_the_commands_that_its_text_recommends_are_proposed(told, monkeypatch, kinds, expected):
    causes = [Cause(kind, "", Estimate(1, 1, 1), 1) for kind in kinds]
    monkeypatch.setattr("tfstab.orders.after_explanation.causes_of", lambda _: causes)

    def steps(**given):
        lines = told(ImageOptions("cifar10"), NO_CAUSE, **given).removeprefix("next:").splitlines()
        return [" ".join(line.split()) for line in lines if "tfstab harden" in line]

    commands = [f"cifar10{f' {option}' * bool(option)}" for option, _ in expected]
    assert steps() == [
        f"tfstab harden my.keras {command} # {what} (10 minutes)"
        for command, (_, what) in zip(commands, expected, strict=True)
    ]
    assert steps(model=FUNCTION, name="my.tflite") == [
        f"tfstab harden KERAS_MODEL {command} # if the file was made from a Keras model: {what}, to be converted again"
        for command, (_, what) in zip(commands, expected, strict=True)
    ]
    recommended = " ".join(with_remedies(causes))
    assert all(f"`tfstab harden {option.replace('=', ' ')}`" in recommended for option, _ in expected if option)


@pytest.mark.parametrize(
    ("noted", "given"),
    [("28 x 28 (crop, bilinear)", "crop:bilinear"), ("28 x 28 (stretch, bicubic)", "stretch"),
     ("30 x 28 (crop, bicubic)", "crop:30x28")],
)  # fmt: skip
def test_the_models_own_size_is_left_out_of_how_images_of_a_run_were_resized(mnist_lenet, tmp_path, noted, given):
    """With it, the default folder of a hardening would have another name, and all would be trained again."""
    np.savez(tmp_path / "few.npz", images=np.zeros((2, 28, 28, 1), np.uint8), labels=[0, 1])
    data = {"name": str(tmp_path / "few.npz"), "split": "test", "remarks": f"resized to {noted}, grey files: 1"}
    info = {"model": {"name": "mnist-lenet", "fingerprint": mnist_lenet.fingerprint}, "data": data, "seed": 0}
    assert options_of_run(info)["resize"] == given


@pytest.mark.parametrize(
    ("noted", "typed"),
    [("folder:photos", "photos"), ("folder:HERE/photos", "photos"), ("folder:HERE/mnist", "folder:HERE/mnist"),
     ("HERE/few.npz", "few.npz"), ("mnist-5k", "mnist-5k")],
)  # fmt: skip
def test_the_images_of_a_run_are_named_as_one_types_them(mnist_lenet, tmp_path, monkeypatch, noted, typed):
    monkeypatch.chdir(tmp_path)
    for folder in ("photos", "mnist"):
        Path(folder, "a").mkdir(parents=True)
    np.savez("few.npz", images=np.zeros((2, 28, 28, 1), np.uint8), labels=[0, 1])
    data = {"name": noted.replace("HERE", str(tmp_path)), "split": "test", "remarks": ""}
    info = {"model": {"name": "mnist-lenet", "fingerprint": mnist_lenet.fingerprint}, "data": data, "seed": 0}
    assert options_of_run(info)["data"] == typed.replace("HERE", str(tmp_path))


def test_images_that_were_not_named_are_those_of_the_network(told):
    assert told(ImageOptions(None), explained=NO_CAUSE, name="mnist-lenet").startswith(
        "next:   tfstab harden mnist-lenet mnist-5k"
    )


def test_a_name_that_looks_like_an_option_stands_behind_the_options(told):
    assert told(ImageOptions("photos", images="0:5"), name="-my.keras", imports=["mine"]) == (
        "next:   tfstab explain --minutes=3 --images=0:5 --import=mine -- -my.keras photos"
        "   # why noise changes predictions (3 minutes)\n"
    )


def test_what_the_model_or_the_images_do_not_allow_is_not_proposed(told):
    only, why = "next:   tfstab explain my.keras photos --minutes=3", "   # why noise changes predictions (3 minutes)\n"
    training = "tfstab guide training-loop"
    gap = " " * (len(only) - 8 - len(training))
    purpose = (
        "   # a more stable model: train it on degraded images in your own program; tfstab cannot train this model "
    )
    purpose += "or examine its layers\n"
    assert told(ImageOptions("photos"), model=FUNCTION) == f"{only}{why}        {training}{gap}{purpose}"
    assert told(ImageOptions("photos", images="0:5")) == f"{only} --images=0:5{why}"
    assert told(ImageOptions("images:photos")) == f"next:   tfstab explain my.keras images:photos --minutes=3{why}"
    assert told(ImageOptions("photos"), explained=NO_CAUSE, model=FUNCTION) == f"next:   {training}{purpose}"
    file = told(ImageOptions("photos"), explained=NO_CAUSE, model=FUNCTION, name="my.tflite")
    keras_model = "tfstab harden KERAS_MODEL photos --train=TRAINING_IMAGES"
    assert file.startswith(
        f"next:   {keras_model}   # if the file was made from a Keras model: {TRAINED}, to be converted"
    )
    assert file.splitlines()[1].strip().startswith(training)
    votes = SimpleNamespace(combine="vote", model=None)
    assert told(ImageOptions("photos", split="train"), model=votes) == ""


def test_the_names_of_outputs_are_proposed_if_the_clean_images_confirm_the_order(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]).save(
        "my.keras"
    )

    def told(folder, clean, input_note="", **options):
        sweep_of(Path(folder), "fog", first_of((1,) * 3, 9), clean=clean)
        info = json.loads(Path(folder, "fog", "run.json").read_text())
        info["data"]["class_names"] = ["cat", "dog", "Ähre"]
        Path(folder, "fog", "run.json").write_text(json.dumps(info))
        subject = Subject(ModelOptions("my.keras", **options), ImageOptions("photos"))
        print_next(subject, assessment=Assessment(folder, input_note))
        return "".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("note:"))

    order, to_set = (
        "note:   The classes of the images fit the outputs of my in this order",
        "To set this for all commands,",
    )
    said, enough = f"{order}. {to_set}", f"{order}, so nothing needs to be done for these images. {to_set}"
    names = '"class_names": ["cat", "dog", "Ähre"]'
    right = np.arange(9) < 6  # two of the three images of each class
    written = f"write {{{names}}} into my.json beside the model."
    assert told("confirmed", right) == f"{enough} {written}"
    given = told("given", right, classes="cat,dog,Ähre")
    assert given == f"{said} {written}", "they would be forgotten otherwise"
    assert told("one-each", np.arange(9) < 3) == "" == told("noted", right, "Accuracy is 9 %.")
    given = told("with-an-option", right, preprocess="mobilenet_v2")
    assert given == f'{said} write {{"form": {{"preprocess": "signed"}}, {names}}} into my.json beside the model.'
    Path("my.json").write_text('{"form": {"preprocess": "unit"}}')
    given = told("with-another-option", right, outputs="scores")
    form = '"form": {"preprocess": "unit", "outputs": "scores"}'
    assert given == f"{said} set {form}, {names} in my.json beside the model."
    assert told("has-a-file", right) == f"{enough} add {names} to my.json beside the model."
    Path("my.json").write_text(f"{{{names}}}", "utf-8")
    assert told("named", right) == told("named-and-given", right, classes="cat,dog,Ähre") == ""


def test_up_to_fifty_names_of_outputs_are_written_out(tmp_path):
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(51, "softmax")])
    model.save(tmp_path / "my.keras")
    classifier = load_classifier(tmp_path / "my.keras")
    right = SimpleNamespace(right=np.ones(2, bool), mistaken_for=(None, 0))
    for count in (14, 50, 51):
        names = tuple(f"sign {k}" for k in range(count))
        assessment = SimpleNamespace(
            figures=SimpleNamespace(classes=names, clean_classes=(right,) * count), input_note=""
        )
        said = names_confirmed(assessment, classifier)
        assert (json.dumps(names).strip("[]") in said) == (count <= 50) == bool(said)


def test_an_image_that_is_lost_where_most_is_lost_is_proposed_for_a_closer_look(told, mnist_lenet):
    for name, right in (("fog", 0.5), ("rotation", 1)):
        sweep_of(Path("made"), name, first_of((right,) * 3, 30))
    images, assessment = ImageOptions("photos"), Assessment("made")
    assert [part.rstrip() for part in told(images, assessment=assessment).splitlines()[0].split("   #")] == [
        f"next:   tfstab inspect {Path('made/fog')} --image {assessment.runs[0].clean.indices[15]} --why",
        " why this image is lost under fog",
    ]
    labels = np.arange(90) % 3
    foggy = np.where((labels == 2) | (np.arange(90) % 4 == 0), (labels + 1) % 3, labels)
    for name, degraded in (("fog", foggy), ("contrast", labels)):
        config = SweepConfig(degradation=name, severities=(0.5 if name == "contrast" else 50,), copies=1)
        made_sweep(Path("weaker") / name, config, degraded[:, None, None], labels, classes=3)
    said = told(images, assessment=Assessment("weaker")).splitlines()[0]
    assert said.endswith("# why this image of class 2 is lost under fog") and f"--image {2} --why" in said
    votes = SimpleNamespace(combine="vote", labels_only=False, model=None)
    assert "inspect" not in told(ImageOptions("photos", split="train"), model=votes, assessment=assessment)
    sweep_of(Path("kept"), "fog", first_of((1, 1, 1), 30))
    assert "inspect" not in told(images, assessment=Assessment("kept")), "no image is lost"


def test_the_lost_image_that_is_proposed_is_neither_lost_by_anything_nor_unlike_the_others(told):
    """Sorted by their clean scores, images 0 to 19 are lost at density 40 %, and 20 to 29 only at 60 %."""
    right = np.arange(30)[:, None] >= [0, 20, 30]
    sweep_of(Path("made"), "fog", right[:, :, None], clean_score=np.linspace(0.5, 0.99, 30))
    said = told(ImageOptions("photos"), assessment=Assessment("made")).splitlines()[0]
    image = int(said.partition("--image ")[2].split()[0])
    assert Assessment("made").runs[0].clean.row(image) == 14, "three quarters of the way from 0 to 19"


@pytest.mark.parametrize(("right", "proposed"), [(1, False), (0.5, True)])
def test_an_explanation_is_proposed_unless_noise_does_little_harm(told, monkeypatch, right, proposed):
    """Of 30 clean images all are right; under noise all of them, or half."""
    sweep_of(Path("noisy"), "gaussian_noise", first_of((right,) * 3, 30))
    for seconds, minutes in ((None, 3), (0.02, 19)):  # a slow network needs more minutes
        monkeypatch.setattr("tfstab.orders.proposed.image_seconds_in", lambda _, seconds=seconds: seconds)
        said = told(ImageOptions("photos"), assessment=Assessment("noisy"))
        line = f"tfstab explain my.keras photos --minutes={minutes} "
        assert (line in said, "tfstab explain" in said, "tfstab harden" in said) == (proposed, proposed, True)
    labels = np.arange(300) % 30 // 29  # under noise, the ten images of class 1 are lost, and all others are right
    predicted = np.zeros((300, 1, 1), int)
    made_sweep(Path("rare") / "noise", SweepConfig(sigmas=(40,), copies=1), predicted, labels, labels, classes=2)
    assert "tfstab explain" not in told(ImageOptions("photos"), assessment=Assessment("rare")), "it costs 3 % alone"
    sweep_of(Path("foggy"), "fog", first_of((0.5,) * 3, 30))
    assert "tfstab explain" not in told(ImageOptions("photos"), assessment=Assessment("foggy")), "noise was left out"


@pytest.mark.parametrize(
    ("right", "given", "continues"),
    [(0.85, 3000, True), (0.85, 60, False), (0.85, None, False), (0.2, 3000, False), (0.87, 200, False)],
)
def test_an_assessment_is_continued_if_images_that_are_left_may_decide_what_is_open(told, right, given, continues):
    """Of 60 images, 85 % stay right: about 500 would decide if that is less than 90 %; of 87 %, more than there are."""
    sweep_of(Path("made"), "fog", first_of((right,) * 3, 60))
    assessment = Assessment("made", available=given)
    images, name = ImageOptions("mnist-5k", limit=3000), "mnist-lenet"
    assert "tfstab assess" not in told(images, name=name, assessment=assessment), (
        "the options of the first time are not known"
    )
    assessment.repeat = {"minutes": 3.0, "seed": 2, "require": ["clean:50"], "degradation": "fog", "no_search": True}
    lines = [line for line in told(images, name=name, assessment=assessment).splitlines() if "tfstab assess" in line]
    command = "tfstab assess mnist-lenet mnist-5k"
    why = "more of the 3,000 images given, which may decide what is still open (3 minutes)"
    options = "--minutes=3 --degradation=fog --no-search --limit=3000 --out=made --require=clean:50 --seed=2"
    assert [" ".join(line.split()) for line in lines] == [f"{command} {options} # {why}"] * continues
    calls = python_steps(SimpleNamespace(classifier=FUNCTION, dataset=SimpleNamespace(split="train"),
        is_classifier=True, model_options={}, image_options={}), assessment)  # fmt: skip
    call = "assessment = tfstab.assess(classifier, data, minutes=3, out='made', seed=2, require=['clean:50'], "
    wanted = f"{call}search=False, degradations=['fog'])  # {why}"
    assert [str(step) for step in calls if "tfstab.assess(" in str(step)] == [wanted] * continues


def test_the_hardened_model_is_measured_under_the_degradations_of_the_assessment(told):
    sweep_of(Path("rainy"), "fog", first_of((1, 1, 1), 30))
    assessment = Assessment("rainy")
    assert "--degradation" not in told(ImageOptions("cifar10"), assessment=assessment)
    assessment.repeat = {"minutes": 5, "degradation": "rain,fog", "no_search": True}
    said = told(ImageOptions("cifar10"), assessment=assessment, imports=["weather.py"])
    hardening = "tfstab harden my.keras cifar10 --degradation=rain,fog --import=weather.py"
    assert f"{hardening}   # {TRAINED} and measured on these 2 (10 minutes)" in said
    assessment.repeat["degradation"] = "fog"
    assert f"{TRAINED} and measured on this one (10 minutes)" in told(ImageOptions("cifar10"), assessment=assessment)


def test_a_hardening_after_degradations_of_ones_own_trains_on_these_too(told, monkeypatch):
    noise = get_degradation("gaussian_noise")
    own = {name: replace(noise, name=name, clip=name != "unclipped") for name in ("rain", "mist", "unclipped")}
    monkeypatch.setattr(registry, "_registered", own)
    for name in ("fog", *own):
        sweep_of(Path("rainy"), name, first_of((1, 1, 1), 30))
    assessment = Assessment("rainy")
    said = told(ImageOptions("cifar10"), assessment=assessment, imports=["weather.py"])
    hardening = "tfstab harden my.keras cifar10 --against=all,mist,rain --import=weather.py"
    assert f"{hardening}   # {TRAINED} and yours (10 minutes)" in said
    assessment.repeat = {"degradation": "rain,fog,mist,unclipped"}
    assert "all 19 built-in degradations and yours, and measured on these 4" in told(
        ImageOptions("cifar10"), assessment=assessment
    )


def test_where_the_recall_of_a_rare_class_falls_an_image_of_it_is_proposed(told, tmp_path):
    """More accuracy is lost under fog, and under contrast no image of class 1 is found, of 50 among 1,000."""
    labels = (np.arange(1000) % 20 == 0).astype(int)
    dark = np.where(np.arange(1000) < 400, 1, labels)
    for family, predicted in (("fog", dark), ("contrast", np.zeros(1000, int))):
        config = SweepConfig(degradation=family, severities=(0.5 if family == "contrast" else 50,), copies=1)
        made_sweep(tmp_path / "made" / family, config, predicted[:, None, None], labels, labels, classes=2)
    assessment = Assessment("made")
    assert assessment.figures.families[0].name == "fog" and assessment.summary().count("when clean to 0 %")
    first = told(ImageOptions("photos"), assessment=assessment).splitlines()[0]
    command, why = (part.strip() for part in first.split("   #"))
    image = int(command.removesuffix(" --why").rpartition(" ")[2])
    assert command.startswith(f"next:   tfstab inspect {Path('made/contrast')} --image ")
    assert (
        labels[assessment.runs[0].clean.row(image)] == 1 and why == "why this image of class 1 is lost under contrast"
    )


@pytest.mark.parametrize("lost", [True, False])
def test_a_rare_class_that_is_lost_at_one_severity_alone_is_proposed_for_a_look_at_all(told, tmp_path, lost):
    """Of the images, 30 % are of class 1, of which contrast takes none, or all at one of 12 severities."""
    labels = (np.arange(300) % 10 < 3).astype(int)
    for family, severities in (("contrast", np.linspace(0.3, 0.9, 12)), ("fog", np.linspace(10, 60, 12))):
        predicted = np.repeat(labels[:, None, None], 12, axis=1)
        predicted[:, 0] *= family == "fog" or not lost
        config = SweepConfig(degradation=family, severities=tuple(severities.tolist()), copies=1)
        made_sweep(tmp_path / "made" / family, config, predicted, labels, labels, classes=2)
    assessment = Assessment("made")
    assert "Fog and contrast do little harm" in assessment.summary() or not lost
    wanted = f"tfstab inspect {Path('made/contrast')} --class=1"
    lines = [line for line in told(ImageOptions("photos"), assessment=assessment).splitlines() if wanted in line]
    assert [line.split("   # ")[1] for line in lines] == ["recall of class 1 at each severity of contrast"] * lost
    calls = python_steps(
        SimpleNamespace(classifier=FUNCTION, dataset=SimpleNamespace(split="train"), is_classifier=True), assessment
    )
    assert ("assessment.recalls()  # recall of class 1 at each severity of contrast" in map(str, calls)) == lost
