"""`tfstab inspect --why`: it finds the model of a run, or says what it lacks."""

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from processes import load_bundled_once
from tfstab import Classifier, Dataset, SweepConfig, inspect_picture, load_classifier, load_dataset, run_sweep
from tfstab.classifier.matching import match_classes
from tfstab.cli.app import app
from tfstab.errors import InputError


@pytest.fixture(scope="module")
def own(mnist_lenet, digits, tmp_path_factory):
    """A folder with a model of one's own, and a run of it in the folder of an assessment."""
    folder = tmp_path_factory.mktemp("own")
    mnist_lenet.given.save(folder / "mine.keras")
    config = SweepConfig(degradation="gaussian_blur", severities=(1, 4), copies=1)
    run_sweep(load_classifier(folder / "mine.keras", trust=True), digits.take(6), config, folder / "made" / "blur")
    return folder


@pytest.fixture(scope="module")
def load_once():
    """As `load_classifier`, but a file and the card beside it are read again only if they have changed."""
    kept = {}

    def load(name, **options):
        files = [path for path in (Path(name), Path(name).with_suffix(".json")) if path.is_file()]
        key = (str(name), repr(options), *(path.read_bytes() for path in files))
        if key not in kept:
            kept[key] = load_bundled_once(name, **options)
        return kept[key]

    return load


@pytest.fixture
def inspect(own, monkeypatch, load_once):
    monkeypatch.chdir(own)
    monkeypatch.setattr("tfstab.orders.model.load_classifier", load_once)
    return lambda *arguments: CliRunner().invoke(app, ["inspect", *map(str, arguments)])


def test_the_model_is_found_where_it_was(inspect):
    told = inspect("made", "--image", 1879, "--why")
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0].startswith("Image 1879 under Gaussian blur, sigma ") and ", taken for " in lines[0]
    assert lines[2].startswith("- ") and "loading" in told.stderr
    assert "mine.keras, trusted with --trust when the run was made, to find out why" in told.stderr
    for of in ("made", "made/blur"):
        first, last = inspect(of, "--image", 1879, "--why").stdout.splitlines()[-2:]
        assert shlex.split(first.partition("#")[0]) == ["next:", "tfstab", "inspect", "made/blur", "--class=3"]
        assert first.endswith("# how many images of its class are lost, at each severity")
        step, _, why = last.partition("#")
        assert shlex.split(step) == [
            "tfstab", "harden", "mine.keras", "mnist-5k", "--train=TRAINING_IMAGES", "--trust"
        ]  # fmt: skip
        assert why == " a model that is more stable under degradations (10 minutes)"
    assert "next:" not in inspect("made/blur", "--image", 1879).stdout
    why = json.loads(inspect("made/blur", "--image", 1879, "--why", "--json").stdout)["why"]
    assert why["image"] == 1879 and why["copy"] == 0 and f"{why['cause']}." == lines[1]


def test_an_image_that_is_not_finished_can_be_swept_alone_by_the_command_that_is_proposed(inspect, own):
    shutil.copytree(own / "made", own / "begun", ignore=shutil.ignore_patterns("*.parquet"))
    of_run = str(inspect("begun/blur", "--image", 1879, "--why").exception)
    assert of_run.startswith("image 1879 has not been measured under Gaussian blur yet (so far: ")
    assert "): resume the sweep, or sweep this image alone: tfstab sweep " in of_run
    said = str(inspect("begun", "--image", 1879, "--why").exception)
    start, _, proposed = said.partition(", or sweep this image alone: ")
    assert start == "no run of begun has finished image 1879: go on with `tfstab assess`"
    (own / "begun/.assess.lock").write_text("{}")
    assert "): assess for more minutes, or sweep" in str(inspect("begun/blur", "--image", 1879, "--why").exception)
    for one in proposed.split(" && "):
        told = CliRunner().invoke(app, shlex.split(one)[1:])
        assert told.exit_code == 0, told.output
    assert told.stdout.startswith("Image 1879 under Gaussian noise, sigma ")


def test_an_image_that_is_wrong_when_clean_is_inspected_as_a_picture_by_the_command_that_is_proposed(
    inspect, own, digits
):
    few = digits.take(6)
    for number, (pixels, label) in enumerate(zip(few.images[..., 0], few.labels, strict=True)):
        (own / "files" / digits.class_names[label]).mkdir(parents=True, exist_ok=True)
        mixed_up = pixels if number else 255 - pixels
        Image.fromarray(mixed_up).save(own / "files" / digits.class_names[label] / f"{number}.png")
    model, name = load_classifier(own / "mine.keras", trust=True), f"{digits.class_names[few.labels[0]]}/0.png"
    data = match_classes(model, load_dataset("folder:files"))
    config = SweepConfig(degradation="gaussian_blur", severities=(1,), copies=1)
    run_sweep(model, data, config, own / "of-files" / "blur")
    for of in ("of-files", "of-files/blur"):
        told = inspect(of, "--image", name, "--why")
        assert "Wrong already when clean." in told.stdout, told.output
        proposed = shlex.split(told.stdout.splitlines()[-1].partition("#")[0])
        assert proposed[:4] == ["next:", "tfstab", "inspect", of] and proposed[4].endswith(name)
        assert "next:" not in inspect(of, "--image", name, "--why", "--json").stdout
    asked = CliRunner().invoke(app, proposed[2:])
    assert asked.exit_code == 0 and "How firm is the wrong prediction?" in asked.stdout, asked.output
    (own / "files" / name).unlink()  # as for images that never were files, the viewer has the answer
    said, saved = inspect("of-files/blur", "--image", name).stdout.splitlines()[-2:]
    assert said.startswith("next:   tfstab view of-files/blur ") and said.endswith("then choose Explain this image")
    words, _, why = saved.partition("#")
    assert words.split() == ["tfstab", "inspect", "of-files/blur", "PICTURE", *proposed[5:]]
    assert "once the image is saved as a file" in why
    assert "next:" not in inspect("of-files/blur", "--image", f"{digits.class_names[few.labels[1]]}/1.png").stdout


def test_a_model_that_was_moved_or_changed_is_given(inspect, own):
    trusted = (own / "mine.keras").read_bytes()
    (own / "mine.keras").write_bytes(trusted + b" ")
    told = inspect("made/blur", "--image", 1879, "--why")
    said = f"(mine) at {own / 'mine.keras'} has changed since it was trusted: give it with --model and --trust."
    assert said in str(told.exception)
    (own / "mine.keras").unlink()
    (own / "moved.keras").write_bytes(trusted)
    told = inspect("made/blur", "--image", 1879, "--why")
    said = f"the model of this run (mine) is no longer at {own / 'mine.keras'}: give it with --model."
    assert said in str(told.exception)
    told = inspect("made/blur", "--image", 1879, "--why", "--model", "moved.keras")
    assert told.exit_code == 0 and told.stdout.startswith("Image 1879 under Gaussian blur, sigma ")
    told = inspect("made/blur", "--image", 1879, "--why", "--model", "mnist-lenet-augmented")
    assert "made/blur was made with another model (mine): give that one" in str(told.exception)
    (own / "moved.keras").rename(own / "mine.keras")  # for the tests below


def test_a_picture_of_ones_own(inspect, own, digits):
    first = digits.take(1)
    Image.fromarray(first.images[0, ..., 0]).save(own / "digit.png")
    name, other = (digits.class_names[(first.labels[0] + k) % 10] for k in (0, 1))
    told = inspect("mnist-lenet", "digit.png", "--class", other, "--out", "digit-changes.png")
    assert (own / "digit-changes.png").stat().st_size > 1000 and "written to digit-changes.png" in told.output
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"digit.png: {other}, taken for {name}\n- ")
    assert "Where its degraded copies are right" in told.stdout
    assert told.stderr.startswith(
        "mnist-lenet: 28 x 28 x 1, 10 outputs, scores, grey levels 0..255, rescaled by a layer"
    )
    alone = json.loads(inspect("mnist-lenet", "digit.png", "--json").stdout)
    assert (alone["predicted"], alone["class"]) == (name, None)
    assert len(alone["changes"]) == 25
    in_python = inspect_picture("mnist-lenet", own / "digit.png").to_json()
    assert alone == json.loads(json.dumps(in_python)), "as found.to_json()"
    brighter = next(one for one in alone["changes"] if one["degradation"] == "brightness (brighter)")
    assert [sum(row.values()) for row in brighter["copies"]] == [1] * 5 and len(brighter["certain"]) == 5
    for at, row, certain in zip(brighter["severities"], brighter["copies"], brighter["certain"], strict=True):
        assert certain == (name not in row), at
    form = "tfstab inspect MODEL PICTURE [--class NAME]"
    for arguments, said in (
        (["digit.png"], f"digit.png is a picture: give the model before it, as in {form}."),
        (["mine.keras"], f"mine.keras is a model: give a picture after it, as in {form}, or the folder of a run."),
        (["digit.png", "mine.keras"], f"digit.png was given as the model: give the model first, as in {form}."),
        (["made/blur", "--class", "3", "--why"], "--why is about one image: choose it with --image."),
        (["mnist-lenet", "digit.png", "--model", "mine.keras"], "--model is for runs: leave it out after a model."),
        (["made", "digit.png", "--image", 1879], "--image chooses an image of a run: leave it out for a picture."),
        (["made", "digit.png", "--preprocess", "unit"], "--preprocess is known from the run made: leave it out."),
        (["made", "7.png"], "7.png is not there: an image of a run is chosen with --image INDEX or --image FILE."),
    ):
        assert str(inspect(*arguments).exception) == said
    missing = str(inspect("runs/nope", "digit.png").exception)
    assert missing.startswith("runs/nope does not exist") and missing.endswith(
        ", or the folder of a run or an assessment."
    )
    said = str(inspect("mnist-lenet", "digit.png", "--why").exception)
    assert said.startswith("--why compares a picture with images of a run: give the folder of an assessment or run in ")
    assert "Python" not in said


def test_a_picture_beside_a_run(inspect, own, digits):
    first = digits.take(1)
    Image.fromarray(first.images[0, ..., 0]).save(own / "digit.png")
    name, other = (digits.class_names[(first.labels[0] + k) % 10] for k in (0, 1))
    told = inspect("made", "digit.png", "--class", name, "--why")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"digit.png: {name}, as predicted\n- ")
    assert "- As given, the picture is " in told.stdout and "most similar to the picture in the last" in told.stdout
    assert "comparing the picture with the images of made ..." in told.stderr
    assert "grey levels 0..255" in told.stderr and "It is not known whether" not in told.stdout
    index = first.indices[0]
    assert f"- The picture is itself an image of the run: --image {index} (in Python, " in told.stdout
    assert f"next:   tfstab inspect made --image={index}   # what was measured" in told.stdout
    assert told.stdout.splitlines()[-1].startswith("        tfstab view made  ")
    why = json.loads(inspect("made/blur", "digit.png", "--why", "--json").stdout)["why"]
    names = {one["image"] for one in why["most_similar"]}
    known = {f"image {index}" for index in digits.take(6).indices} - {f"image {first.indices[0]}"}
    assert names == known  # all others: the picture is not compared with itself
    assert "last hidden layer" in why["places"] and len(why["noise_sigma_of_right_images"]) == 6
    typed, _, gain = inspect("made/blur", "digit.png", "--why").stdout.partition("next:")[2].partition("#")
    assert shlex.split(typed)[-2:] == ["--why", "--class=NAME"], "what --why says is there already"
    assert gain.startswith(" if the prediction is wrong: whether the photograph or the model is probably the reason\n")
    misspelt = inspect("made", "digit.png", "--class", "hand", "--why")
    assert str(misspelt.exception).startswith("unknown class 'hand': the run has ") and not misspelt.stderr
    wrong = inspect("made", "digit.png", "--class", other).stdout
    assert wrong.splitlines()[1].startswith(
        "Not known whether it is the photograph or the model: the run has 6 images, "
    )
    proposed = next(line for line in wrong.splitlines() if line.startswith("next:"))
    assert shlex.split(proposed.partition("#")[0])[1:] == [
        "tfstab", "inspect", "made", "digit.png", "--why", f"--class={other}"
    ]  # fmt: skip


def test_hardening_is_proposed_if_the_picture_is_unlike_the_images_of_the_run(inspect, own, digits):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    run_sweep(load_classifier(own / "mine.keras", trust=True), digits.take(60), config, own / "sixty")
    Image.fromarray(np.full((28, 28), 200, np.uint8)).save(own / "grey.png")
    told = inspect("sixty", "grey.png", "--class", "5")
    assert "The picture is brighter than all 60 images of the run" in told.stdout
    typed, _, why = told.stdout.splitlines()[-1].partition("#")
    proposed = shlex.split(typed)
    assert proposed[1:4] == ["harden", "mine.keras", "mnist-5k"] and "--trust" in proposed
    assert why == " a model that is more stable under degradations (10 minutes)"
    as_predicted = told.stdout.partition("taken for ")[2].split()[0]
    told = inspect("sixty", "grey.png", "--class", as_predicted)
    assert "brighter than all 60" in told.stdout and "harden" not in told.stdout, "the picture is right"
    Image.fromarray(255 - digits.images[1, ..., 0]).save(own / "negative.png")
    told = inspect("sixty", "negative.png", "--class", digits.class_names[digits.labels[1]])
    assert "Probably the photograph: it is brighter than all 60 images of the run, and as a negative" in told.stdout
    assert "harden" not in told.stdout, "the picture is to be mended, not the model"
    fingerprint = load_classifier(own / "mine.keras", trust=True).fingerprint
    names = [str(k) for k in range(10)]
    for original, form, classes in ((fingerprint, {"preprocess": "none"}, names), ("another", {}, None)):
        card = {"fingerprint": fingerprint, "original": {"fingerprint": original}, "form": form, "class_names": classes}
        (own / "mine.json").write_text(json.dumps(card))
        told = inspect("sixty", "grey.png", "--class", "5")
        assert told.stdout.startswith("grey.png: 5, taken for "), told.output
        assert ("harden" in told.stdout) == (original == fingerprint), "the same weights are not hardened"
    (own / "mine.json").unlink()


def test_training_for_longer_is_proposed_if_the_class_of_the_picture_is_often_wrong(inspect, own, digits):
    some, names = digits.take(120), digits.class_names
    labels = np.where(some.labels == 9, 5, some.labels)  # so half of the fives are wrong when clean
    often = Dataset.from_arrays("mnist-5k", "test", some.images, labels, names)
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    run_sweep(load_classifier(own / "mine.keras", trust=True), often, config, own / "often-wrong")
    Image.fromarray(digits.images[120:][digits.labels[120:] == 9][0, ..., 0]).save(own / "nine.png")
    told = inspect("often-wrong", "nine.png", "--class", "5").stdout
    verdict = told.partition("\n")[2].partition("What was found")[0]
    assert verdict.startswith("Probably the model"), told
    assert "To improve the model, look through the training images of this class for wrong labels; if" in verdict
    typed, _, why = told.splitlines()[-1].partition("#")
    proposed = shlex.split(typed)
    assert proposed[1:4] == ["harden", "mine.keras", "mnist-5k"] and "--clean-share=1" in proposed
    assert why == " a copy trained for longer on clean images (10 minutes)"


def test_a_model_is_compared_with_its_own_run_if_there_is_one(inspect, own, digits):
    Image.fromarray(digits.images[0, ..., 0]).save(own / "digit.png")
    told = inspect("mine.keras", "digit.png", "--trust")
    assert told.stdout.splitlines()[-1].startswith("next:   tfstab assess mine.keras PHOTOS --trust   # how stable ")
    shutil.copytree(own / "made", own / "runs" / "assess-mine")
    told = inspect("mine.keras", "digit.png", "--trust")
    shutil.rmtree(own / "runs")
    next_line = told.stdout.splitlines()[-1]
    assert next_line.startswith("next:   tfstab inspect runs/assess-mine digit.png --why --class=NAME   # the picture ")


def test_what_is_missing_is_said(inspect, mnist_lenet, digits, tmp_path):
    told = inspect("made/blur", "--image", 1879, "--model", "mnist-lenet")
    assert "load the model for --why: add it" in str(told.exception)
    told = inspect("made/blur", "--why")
    assert "--why is about one image: choose it with --image" in str(told.exception)
    function = Classifier.from_function(mnist_lenet.scores, (28, 28, 1), 10, name="mine", fingerprint="f")
    run = run_sweep(function, digits.take(1), SweepConfig(sigmas=(1,), copies=1), tmp_path / "run")
    told = inspect(run.path, "--image", int(run.clean.indices[0]), "--why")
    assert "was a Python function: use tfstab.explain_failure in Python" in str(told.exception)
    picture = tmp_path / "pictures" / "digit.png"
    picture.parent.mkdir()
    Image.fromarray(digits.images[0, ..., 0]).save(picture)
    for asked, call in {
        (picture, "--class=0", "--why"): f"picture(classifier, {str(picture)!r}, '0', run={str(run.path)!r}, why=True)",
        (picture.parent, "--resize=crop"): f"pictures(classifier, {str(picture.parent)!r}, run={str(run.path)!r}, "
        "resize='crop')",
    }.items():
        assert f"was a Python function: use tfstab.inspect_{call} in Python." in str(
            inspect(run.path, *asked).exception
        )


def test_in_python_too_a_model_is_read_as_the_run_has_read_it(own, digits):
    unit = load_classifier(own / "mine.keras", preprocess="unit", trust=True)
    run_sweep(unit, digits.take(6), SweepConfig(degradation="gaussian_blur", severities=(1,), copies=1), own / "unit")
    first = digits.take(1).images
    Image.fromarray(first[0, ..., 0]).save(own / "one.png")
    found = inspect_picture(own / "mine.keras", own / "one.png", run=own / "unit", trust=True)
    np.testing.assert_allclose(found.scores, unit.scores(first)[0], atol=1e-5)
    with pytest.raises(InputError, match="was made with preprocess 'unit', but mine has 'none'"):
        inspect_picture(own / "mine.keras", own / "one.png", run=own / "unit", trust=True, preprocess="none")
