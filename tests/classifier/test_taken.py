"""What a model and images were taken for, in one line each."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image
from typer.testing import CliRunner

from tfstab import Classifier, Dataset, SweepConfig, load_dataset, open_run, run_sweep
from tfstab.classifier.class_names import classes_option, named_outputs, parse_class_names
from tfstab.classifier.taken import describe_images, describe_model, few_note
from tfstab.cli.app import app
from tfstab.errors import InputError, ModelError
from tfstab.limits import CLASS_NAME
from tfstab.report.input_notes import grey_notes
from tfstab.runs.known_models import known_model

SIDE = 4


def model(*first, end="softmax", outputs=3, shape=(SIDE, SIDE, 3)):
    given = [layers.Input(shape), *first, layers.GlobalAveragePooling2D(), layers.Dense(outputs, activation=end)]
    return keras.Sequential(given, name="mine")


@pytest.mark.parametrize(
    ("classifier", "line"),
    [
        (lambda: Classifier(model()), "mine: 4 x 4 x 3, 3 outputs, scores, grey levels 0..255"),
        (lambda: Classifier(model(end=None), preprocess="unit"), "mine: 4 x 4 x 3, 3 outputs, logits, inputs 0..1"),
        (lambda: Classifier(model(end=None), outputs="logits", preprocess="mobilenet"),
         "mine: 4 x 4 x 3, 3 outputs, logits, inputs -1..1"),
        (lambda: Classifier(model(layers.Rescaling(1 / 255), end="sigmoid", outputs=1)),
         "mine: 4 x 4 x 3, 2 outputs, scores, threshold 0.5, grey levels 0..255, rescaled by a layer of the model"),
        (lambda: Classifier(model(shape=(None, None, 3)), preprocess="imagenet"),
         "mine: any size x 3, 3 outputs, scores, inputs 0..1 less ImageNet's mean, divided by its standard deviation"),
        (lambda: Classifier(model(end=None)).for_images((SIDE, SIDE, 1)),
         "mine: 4 x 4 x 3, 3 outputs, logits, grey levels 0..255; given grey images, whose channel is repeated"),
        (lambda: Classifier.from_function(lambda x: x, (4, 4, 1), 2, fingerprint="f", outputs="logits", name="ours"),
         "ours: 4 x 4 x 1, 2 outputs, logits, threshold 0.5, grey levels 0..255"),
    ],
)  # fmt: skip
def test_models(classifier, line):
    assert describe_model(classifier()) == line


def test_a_run_and_its_report_say_that_grey_images_are_given_to_a_model_for_colours(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, SIDE, SIDE, 3), np.uint8)
    classifier, said = Classifier(model()), []
    for name, given in (("grey", images[..., :1]), ("colours", images)):
        data = Dataset.from_arrays("photos", "test", given, np.arange(6) % 3)
        config = SweepConfig(degradation="fog", severities=(50,))
        said.append(grey_notes([run_sweep(classifier, data, config, tmp_path / name, as_is=True)]))
    assert [len(notes) for notes in said] == [1, 0]
    assert said[0][0].startswith("The images of photos are grey, and mine takes colours: their channel is repeated.")


def test_images():
    def line(labels, names=()):
        return describe_images(
            Dataset.from_arrays("photos", "test", np.zeros((len(labels), 1, 1), np.uint8), labels, names)
        )

    assert line([0, 1, 1], ("Bag", "Boot")) == "photos: 3 images, 2 classes, output 0 = Bag, 1 = Boot"
    assert line([2], ("a", "b", "\x1bc")) == "photos: 1 image, 1 class, output 2 = \N{REPLACEMENT CHARACTER}c"
    assert line([0, 1, 2]) == "photos: 3 images, 3 classes, numbered as the outputs 0 to 2"
    assert line([0, 2, 2]) == "photos: 3 images, 2 classes, output 0 = 0, 2 = 2; no images of 1"
    assert line([0, 1], ("a", "b", *"cdef")).endswith("1 = b; no images of the model's 4 other classes")
    many = tuple(f"class {k}" for k in range(20))
    assert line(np.arange(1200) % 20, many) == (
        "photos: 1,200 images, 20 classes, output 0 = class 0, 1 = class 1, 2 = class 2, ..., 19 = class 19"
    )


def test_the_split_of_a_divided_folder_is_said(tmp_path, monkeypatch):
    """As photos/train and photos/test; a folder without such folders has no split."""
    monkeypatch.chdir(tmp_path)
    for folder in ("photos/train/cat", "photos/test/cat", "whole/cat"):
        Path(folder).mkdir(parents=True)
        Image.new("L", (4, 4)).save(Path(folder, "0.png"))
    told = [load_dataset("photos"), load_dataset("photos", split="train"), load_dataset("whole")]
    assert [describe_images(one).partition(":")[2].partition(":")[0] for one in told] == [
        "photos (test)", "photos (train)", "whole",
    ]  # fmt: skip


def test_images_without_classes_are_told_as_such():
    images = Dataset.from_arrays("a.png", "test", np.zeros((1, 4, 4, 3), np.uint8), [2], ("a", "b", "c"))
    assert describe_images(images).startswith("a.png: 1 image, 1 class, output 2 = c")
    without = replace(images, remarks="resized to 4 x 4 (stretch, bicubic), classes as predicted")
    assert describe_images(without).startswith(
        "a.png: 1 image, resized to 4 x 4 (stretch, bicubic), without classes; what the model predicts without"
    )
    resized = replace(images, remarks="images in a, resized to 4 x 4 (crop, lanczos), grey files: 1")
    said = describe_images(resized)
    assert said.startswith("a.png: 1 image, resized to 4 x 4 (crop, lanczos), 1 class, output 2 = c")


def test_few_images_and_images_of_one_class_are_noted():
    def of(labels, remarks=""):
        images = np.zeros((len(labels), 4, 4, 3), np.uint8)
        return replace(Dataset.from_arrays("x", "test", images, labels, ("cat", "dog")), remarks=remarks)

    assert few_note(of([0, 1] * 24 + [0])).startswith(
        "note: 49 images say little about the model: intervals will be wide."
    )
    assert few_note(of([0, 1] * 25)) == ""
    assert few_note(of([1] * 9)).startswith("note: 9 images of one class say little about the model")
    assert few_note(of([1] * 9)).endswith("Give a few hundred images of all classes if you can.")
    only = "note: all images are of the class dog, so the results say nothing about the model's other classes."
    assert few_note(of([1] * 50)) == only
    assert few_note(of([1] * 50, "resized, classes as predicted")) == ""


# --- names of outputs ---


def test_names_of_outputs_as_text():
    assert parse_class_names(' cat, "hare, brown" ,dog') == ["cat", "hare, brown", "dog"]
    assert parse_class_names('cat=7,"hare, brown=3"') == {7: "cat", 3: "hare, brown"}
    assert parse_class_names("stop = 7 , go=3") == {7: "stop", 3: "go"}, "spaces around a name are no part of it"
    assert parse_class_names("a=1,b") == ["a=1", "b"]
    for wrong in ("", "cat,,dog", ","):
        with pytest.raises(InputError, match="in which a name is empty; expected NAME,NAME"):
            parse_class_names(wrong)
    with pytest.raises(InputError, match="two names have the same output"):
        parse_class_names("cat=1,dog=1")
    for text, outputs in (("cat,dog,cat,ca\u0301t", "0 and 2"), ("cat=5,dog=1,cat=3,cat=4", "5, 3 and 4")):
        with pytest.raises(InputError, match=f"^--classes gives outputs {outputs} the same name, 'cat'; expected"):
            parse_class_names(text)
    with pytest.raises(InputError, match="outputs 0 and 1 the same name, 'cát'"):
        parse_class_names("c\u00e1t,ca\u0301t")


def test_the_option_for_names_is_read_as_they_are():
    import shlex

    names = {0: "cat's", 1: "hare, brown", 2: 'say "ah"'}
    option, text = shlex.split(classes_option(names, 3))
    assert option == "--classes" and parse_class_names(text) == list(names.values())
    _, text = shlex.split(classes_option({281: "hare, brown", 7: "dog"}, 1000))
    assert parse_class_names(text) == {7: "dog", 281: "hare, brown"}


def test_names_of_outputs():
    said = "^output 2 has no name, and can be called neither '2' nor 'output 2', as class_names gives these names to"
    with pytest.raises(ModelError, match=said):
        named_outputs({0: "output 2", 1: "2"}, 3, "m")
    assert named_outputs({0: "output 2", 1: "2", 2: "c"}, 3, "m") == ("output 2", "2", "c")
    assert named_outputs(None, 3, "m") == ("0", "1", "2") and named_outputs({1: "b"}, 3, "m") == ("0", "b", "2")
    assert named_outputs(["x" * CLASS_NAME, "b"], 2, "m")[0] == "x" * CLASS_NAME
    with pytest.raises(ModelError, match="has 1,001 characters; expected at most 1,000"):
        named_outputs(["x" * (CLASS_NAME + 1), "b"], 2, "m")
    with pytest.raises(ModelError, match="m has 3 classes but 2 class names were given; expected one for each output"):
        named_outputs(["a", "b"], 3, "m")
    for output in (3, -1, "1"):
        with pytest.raises(ModelError, match=r"'a' was given as output .*, but m has outputs 0 to 2"):
            named_outputs({output: "a"}, 3, "m")
    for twice in (["a", "b", "a"], {0: "a", 2: "a"}):
        with pytest.raises(ModelError, match=r"^class_names gives outputs 0 and 2 the same name, 'a'; "):
            named_outputs(twice, 3, "m")
    assert named_outputs({0: "2"}, 3, "m") == ("2", "1", "output 2"), "its number is another's name"


# --- commands ---


def test_commands_say_what_they_took_and_take_names_of_outputs(tmp_path, monkeypatch):
    """The brightest channel is the class; the folders' order is not that of the outputs."""
    monkeypatch.chdir(tmp_path)
    network = keras.Sequential(
        [layers.Input((None, None, 3)), layers.Rescaling(1 / 20), layers.GlobalAveragePooling2D(), layers.Softmax()]
    )
    network.save("mine.keras")
    images = np.random.default_rng(0).integers(0, 100, (60, SIDE, SIDE, 3)).astype(np.uint8)
    labels = np.arange(60) % 3
    for image, channel in zip(images, (2, 0, 1) * 20, strict=True):  # blue, red, green
        image[..., channel] += 60
    np.savez("photos.npz", images=images, labels=labels, class_names=np.array(["blue", "red", "green"]))

    def output(*options, data="photos.npz"):
        done = CliRunner().invoke(app, ["evaluate", "--model", "mine.keras", "--data", data, *options])
        return " ".join(done.stderr.split()) if done.exit_code == 0 else str(done.exception)

    said = output("--as-is")
    assert "mine: any size x 3, 3 outputs, scores, grey levels 0..255, rescaled by a layer of the model" in said
    assert "60 images, 3 classes, output 0 = blue, 1 = red, 2 = green" in said
    assert "note: Accuracy is 0.0 %. It is 100.0 % if" in said and "use --classes red,green,blue (in Python" in said
    said = output("--classes", "red,green,blue")
    assert "output 0 = red, 1 = green, 2 = blue" in said and "note:" not in said
    sweep = ["sweep", "--model", "mine.keras", "--data", "photos.npz", "--classes", "red,green,blue"]
    assert CliRunner().invoke(app, [*sweep, "--sigmas", "5", "--copies", "1", "--out", "run"]).exit_code == 0
    known = known_model(open_run("run").info["model"]["fingerprint"])  # for the viewer, which shows the run
    assert known is not None and known[:2] == (str(tmp_path / "mine.keras"), {"classes": "red,green,blue"})
    assert "'red,,blue', in which a name is empty" in output("--classes", "red,,blue")

    two = labels < 2
    np.savez("two.npz", images=images[two], labels=labels[two], class_names=np.array(["blue", "red"]))
    said = output(data="two.npz")
    assert "has 2 classes (blue, red) and mine has 3 outputs without names" in said
    assert "judged by the scores of some images --classes red=0,blue=2 (in Python" in said
    for name in ("one", "two/red", "two/blue", "two/green"):
        (tmp_path / "given" / name).mkdir(parents=True)
        Image.fromarray(images[0]).save(tmp_path / "given" / name / "0.png")
    said = output(data="given")
    meant = Path("given", "two")
    assert said.endswith(f"Folders inside it have 3: did you mean {meant}? If not, name the outputs with --classes.")
    said = output("--classes", "red=0,blue=2", data="two.npz")
    assert "40 images, 2 classes, output 0 = red, 2 = blue" in said and "note:" not in said
    for command in (["sweep", "--copies", "1", "--sigmas", "1"], ["search", "--max-queries", "100", "--limit", "4"]):
        done = CliRunner().invoke(
            app, [*command, "--model", "mine.keras", "--data", "two.npz", "--classes=red=0,blue=2"]
        )
        assert done.exit_code == 0, done.output
        assert "2 classes, output 0 = red, 2 = blue" in " ".join(done.stderr.split())
