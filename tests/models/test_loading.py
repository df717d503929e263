"""Bundled networks keep their cards' promises; files that are hostile or damaged are refused and never run."""

import json
import threading
import zipfile
from importlib.resources import files
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers

from tfstab import Classifier, load_classifier, load_dataset, make_ensemble
from tfstab.errors import InputError, ModelError, TfstabError
from tfstab.limits import SPARE_WEIGHTS
from tfstab.models import bundled_card, ensemble_members
from tfstab.models.archive import save_compressed
from tfstab.models.keras_files import _no_more_weights_than

RESOURCES = [p.name for p in files("tfstab.resources.models").iterdir()]
BUNDLED = sorted(name.removesuffix(".keras") for name in RESOURCES if name.endswith(".keras"))
CARD = {"about", "data", "recipe", "seed", "epochs_run", "best_epoch", "accuracy", "history", "versions"}


def tiny():
    return keras.Sequential(
        [layers.Input((4, 4, 1)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )


def refusal(path):
    """The one sentence with which a file is refused."""
    with pytest.raises(ModelError) as refused:
        load_classifier(path)
    text = str(refused.value)
    assert str(path) in text and "\n" not in text and len(text) < 600
    return text


# --- bundled networks ---


def test_the_mnist_network_is_bundled():
    assert "mnist-lenet" in BUNDLED


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_network_is_the_one_on_its_card(name):
    classifier, card = load_classifier(name), bundled_card(name)
    assert card["name"] == classifier.name == name
    assert card["fingerprint"] == classifier.fingerprint
    assert card["parameters"] == sum(int(np.prod(w.shape)) for w in classifier.model.trainable_weights)
    assert tuple(card["class_names"]) == classifier.class_names
    assert {"python", "numpy", "tensorflow", "keras"} <= set(card["versions"])
    is_ensemble = "members" in card
    for part in ("test",) if is_ensemble else ("validation", "test"):
        measured = card["accuracy"][part]
        low, high = measured["interval_95"]
        assert measured["images"] == card["data"][part]["images"]
        assert low < measured["correct"] / measured["images"] == measured["accuracy"] < high
    if is_ensemble:
        members = [member["fingerprint"] for member in card["members"]]
        assert members == [member.fingerprint for member in ensemble_members(classifier)]
        return
    if "original" in card:
        assert card["original"]["fingerprint"] == bundled_card(card["original"]["name"])["fingerprint"]
        assert card["validation"]["degraded_after"] > card["validation"]["degraded_before"]
        return
    assert set(card) >= CARD
    assert card["epochs_run"] == len(card["history"]) >= card["best_epoch"]
    best = card["history"][card["best_epoch"] - 1]
    assert best["validation_accuracy"] == max(epoch["validation_accuracy"] for epoch in card["history"])


def test_the_mnist_network_never_saw_mnist_5k(digits, mnist_lenet):
    data = bundled_card("mnist-lenet")["data"]
    assert data["excluded"] == "mnist-5k"
    assert data["training"]["images"] + data["validation"]["images"] == 55_000
    assert (mnist_lenet.scores(digits.images).argmax(axis=1) == digits.labels).mean() > 0.99


@pytest.mark.real_data("mnist.npz")
def test_the_mnist_network_reaches_its_cards_accuracy_on_the_test_set(data_dir, mnist_lenet):
    test, card = load_dataset("mnist", "test", data_dir), bundled_card("mnist-lenet")
    assert card["data"]["test"]["fingerprint"] == test.fingerprint
    correct = int((mnist_lenet.scores(test.images).argmax(axis=1) == test.labels).sum())
    assert correct == card["accuracy"]["test"]["correct"]
    assert correct >= 9920


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(InputError, match="unknown model 'mnist_lenet': did you mean 'mnist-lenet'"):
        load_classifier("mnist_lenet")
    with pytest.raises(InputError, match="did you mean 'gtsrb-aghdam'"):
        bundled_card("gtsrb")


def test_what_is_no_model_is_called_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("photo.keras").touch()
    assert refusal(Path("photo.kreas")) == ("photo.kreas does not exist: did you mean photo.keras?")
    Path("runs/svc/fog").mkdir(parents=True)
    Path("runs/svc/fog/run.json").touch()
    for folder, said in (("runs/svc", "a folder of runs, such as an assessment, not a model"),
                         ("runs/svc/fog", "the folder of a run, not a model")):  # fmt: skip
        with pytest.raises(InputError, match=f"^{folder} is {said}: .*`tfstab inspect {folder}`"):
            load_classifier(folder)


# --- the user's own files ---


def test_a_keras_file_with_and_without_class_names(tmp_path):
    model = tiny()
    model.save(tmp_path / "mine.keras")
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1), np.uint8)
    loaded = load_classifier(str(tmp_path / "mine.keras"))
    assert (loaded.name, loaded.class_names) == ("mine", ("0", "1", "2"))
    assert loaded.fingerprint == Classifier(model).fingerprint
    np.testing.assert_array_equal(loaded.scores(images), Classifier(model).scores(images))
    card = tmp_path / "mine.json"
    card.write_text(json.dumps({"class_names": ["cat", "dog", "cow"]}))
    assert load_classifier(tmp_path / "mine.keras").class_names == ("cat", "dog", "cow")
    for useless in ("[1]", "{}", '{"class_names": null}'):
        card.write_text(useless)
        assert load_classifier(tmp_path / "mine.keras").class_names == ("0", "1", "2")
    card.write_text('{"class_names": ["cat", "dog"]}')
    with pytest.raises(ModelError, match="3 classes but 2 class names"):
        load_classifier(tmp_path / "mine.keras")


def test_a_model_and_a_classifier_are_taken_as_they_are():
    classifier = load_classifier(tiny())
    assert load_classifier(classifier) is classifier
    assert load_classifier(classifier, class_names=classifier.class_names) is classifier
    both = {"outputs": "scores", "class_names": ["a", "b", "c"]}
    for options, said in (({"preprocess": "unit"}, "preprocess="), (both, "outputs= and class_names=")):
        with pytest.raises(
            InputError, match=f"reads images and outputs is set when it is made. Give {said} there instead"
        ):
            load_classifier(classifier, **options)
    with pytest.raises(InputError, match=r"Give class_names= to its members instead, as in tfstab\.load_class"):
        load_classifier(make_ensemble([tiny(), tiny()]), class_names=["a", "b", "c"])
    with pytest.raises(ModelError, match="expected a built Keras 3 model"):
        load_classifier(None)


def test_a_lambda_layer_is_not_run(tmp_path):
    victim = tmp_path / "ran"

    hostile = eval(f"lambda x: (__import__('pathlib').Path({str(victim)!r}).touch(), x)[1]")
    model = keras.Sequential([layers.Input((4, 4, 1)), layers.Lambda(hostile), layers.Flatten(), layers.Dense(3)])
    model.save(tmp_path / "a.keras")
    victim.unlink(missing_ok=True)
    assert "Lambda layer" in refusal(tmp_path / "a.keras")
    assert not victim.exists()
    keras.saving.load_model(tmp_path / "a.keras", safe_mode=False)(np.zeros((1, 4, 4, 1)))
    assert victim.exists()  # so it was dangerous


def rewritten(path, change):
    """A tiny model's file with its config.json changed by `change(config)`."""
    tiny().save(path)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    change(config)
    content["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path


def test_a_config_cannot_call_functions_of_other_modules(tmp_path):
    victim = tmp_path / "ran"

    def command(config):
        config["config"]["layers"][-1] = {
            "module": "os", "class_name": "system", "config": {"command": f"touch {victim}"},
            "registered_name": "system", "build_config": None,
        }  # fmt: skip

    def activation(config):
        config["config"]["layers"][-1]["config"]["activation"] = {
            "module": "os", "class_name": "function", "config": "system", "registered_name": "function",
        }  # fmt: skip

    for number, change in enumerate((command, activation)):
        refusal(rewritten(tmp_path / f"{number}.keras", change))
    assert not victim.exists()


class Custom(layers.Layer):
    """A layer that Keras does not know."""

    def call(self, x):
        return 2 * x


def test_a_custom_layer_is_refused(tmp_path):
    keras.Sequential([layers.Input((4, 4, 1)), Custom(), layers.Flatten(), layers.Dense(3)]).save(tmp_path / "a.keras")
    assert "custom class" in refusal(tmp_path / "a.keras")
    keras.Sequential([layers.Input((4, 4, 1)), Custom(), layers.Flatten()]).save(tmp_path / "a.h5")
    with pytest.raises(ModelError, match="custom class or function that Keras does not know"):
        load_classifier(tmp_path / "a.h5", trust=True)


def test_a_damaged_layer_with_custom_in_its_name_is_no_custom_class(tmp_path):
    model = keras.Sequential([layers.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3, name="custom_head")])
    model.save(tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as whole, zipfile.ZipFile(tmp_path / "b.keras", "w") as damaged:
        for name in whole.namelist():
            damaged.writestr(name, whole.read(name).replace(b'"units": 3', b'"units": -3'))
    assert "damaged or not a Keras model" in refusal(tmp_path / "b.keras")


@pytest.mark.parametrize(
    ("name", "advice"),
    [("forest.py", "Classifier.from_function, or export it to ONNX"), ("net.PT", "Classifier.from_function"),
     ("note.txt", "model.save('NAME.keras')"), ("note", "model.save('NAME.keras')")],
)  # fmt: skip
def test_a_file_of_another_kind_is_told_which_kinds_are_read(name, advice, tmp_path):
    (tmp_path / name).write_text("from sklearn import ensemble\n")
    said = refusal(tmp_path / name)
    assert f"{name} is not a model file that tfstab reads (.keras, .onnx, .tflite, .h5 or a SavedModel folder)" in said
    assert advice in said and "`tfstab guide own-model`" in said


@pytest.mark.parametrize("name", ["saved_model.pb", "saved_model.pbtxt"])
def test_a_file_of_a_saved_model_is_told_which_folder_to_give(name, tmp_path):
    (tmp_path / name).touch()
    assert refusal(tmp_path / name).endswith(f"is one file of a SavedModel: give its folder, {tmp_path}.")


def test_files_that_are_no_model(tmp_path):
    tiny().save(tmp_path / "whole.keras")
    content = (tmp_path / "whole.keras").read_bytes()
    for name, damaged in {"empty": b"", "text": b"only text\n" * 50, "half": content[: len(content) // 2]}.items():
        (tmp_path / f"{name}.keras").write_bytes(damaged)
        assert "damaged or not a .keras file" in refusal(tmp_path / f"{name}.keras")
    with zipfile.ZipFile(tmp_path / "zip.keras", "w") as archive:
        archive.writestr("readme.txt", "no model")
    assert "not a Keras model" in refusal(tmp_path / "zip.keras")
    assert "does not exist" in refusal(tmp_path / "missing.keras")
    (tmp_path / "folder.keras").mkdir()
    assert "is not a file" in refusal(tmp_path / "folder.keras")
    tiny().save(tmp_path / "old.h5")
    assert "save the model with model.save('NAME.keras')" in refusal(tmp_path / "old.h5")


def test_the_card_beside_a_model_says_what_it_takes_and_returns(tmp_path):
    path, card = tmp_path / "mine.keras", tmp_path / "mine.json"
    tiny().save(path)
    card.write_text(json.dumps({"form": {"preprocess": "unit", "image_shape": None}}), "utf-8")
    loaded = load_classifier(path)
    assert loaded.preprocess == "unit" and loaded.source.options == {"preprocess": "unit"}
    assert loaded.for_images((4, 4, 1)).source is loaded.source is loaded.with_preprocess("none").source
    assert load_classifier(path, preprocess="unit").fingerprint == loaded.fingerprint
    for option, form in (("none", "none"), ("signed", "signed"), ("xception", "signed")):
        loaded = load_classifier(path, preprocess=option)
        assert loaded.preprocess == form and loaded.source.options == {"preprocess": option}, "an option counts more"
    with pytest.raises(InputError, match="unknown preprocess 'units': did you mean 'unit'"):
        load_classifier(path, preprocess="units")
    for told, said in (
        (
            {"form": {"preprocess": "odd\n" * 20}},
            r"mine.json, .* has preprocess 'odd.*'; expected one of none",
        ),
        ({"form": {"preprocess": "logits", "outputs": "unit"}}, "has preprocess 'logits'; expected one of none, unit"),
        ({"form": {"outputs": ["logits"]}}, r"has outputs '\['logits'\]'; expected one of scores, logits\.$"),
        ({"form": {"threshold": 1.5}}, r"has threshold '1\.5'; expected a number between 0 and 1\.$"),
        ({"threshold": 0.3}, r'has \'threshold\' outside of "form": write it as {"form": {"threshold": 0\.3}}'),
        ({"form": {"preproces": "unit"}}, "has 'preproces': did you mean 'preprocess'"),
        ({"class_name": ["a", "b"]}, "has 'class_name': did you mean 'class_names'"),
        (
            {"class_names": ["a", "b", "a"]},
            r"mine\.json, the model's card, gives outputs 0 and 2 the same name, 'a'; exp",
        ),
        ({"forms": {}}, "has 'forms': did you mean 'form'"),
        (
            {"preprocess": "unit"},
            r'has \'preprocess\' outside of "form": write it as {"form": {"preprocess": "\.\.\."}}',
        ),
    ):
        card.write_text(json.dumps(told), "utf-8")
        with pytest.raises(ModelError, match=said):
            load_classifier(path)
    card.write_text(json.dumps({"format": 2, "classes": 3, "form": {"image_shape": None, "outputs": None}}), "utf-8")
    assert load_classifier(path).preprocess == "none"


def test_a_compressed_file_holds_the_same_network(tmp_path):
    model = keras.Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10, activation="softmax")])
    model.layers[1].kernel.assign(np.sign(model.layers[1].kernel))
    model.save(tmp_path / "plain.keras")
    save_compressed(model, tmp_path / "small.keras")
    plain, small = (tmp_path / f"{name}.keras" for name in ("plain", "small"))
    assert load_classifier(small).fingerprint == load_classifier(plain).fingerprint
    assert small.stat().st_size < plain.stat().st_size / 4


@settings(
    max_examples=8,  # `make fuzz` has thousands
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(at=st.floats(0, 1, exclude_max=True), change=st.binary(min_size=1, max_size=4), compressed=st.booleans())
def test_changed_bytes_give_a_refusal_or_a_classifier_but_no_traceback(tmp_path, at, change, compressed):
    path = tmp_path / "a.keras"
    if compressed:
        save_compressed(tiny(), path)
    else:
        tiny().save(path)
    content = bytearray(path.read_bytes())
    start = int(at * len(content))
    content[start : start + len(change)] = change
    path.write_bytes(content)
    try:
        assert load_classifier(path).num_classes >= 2
    except TfstabError as error:
        assert "\n" not in str(error)


def test_weights_made_by_another_thread_are_not_counted_and_its_loading_waits(tmp_path):
    tiny().save(tmp_path / "a.keras")
    built, left, done = threading.Event(), threading.Event(), []

    def other():
        large = layers.Dense(SPARE_WEIGHTS)
        large.build((None, 2))
        built.set()
        load_classifier(tmp_path / "a.keras")
        done.append(left.is_set())

    original = layers.Layer.add_weight
    thread = threading.Thread(target=other)
    with _no_more_weights_than(0, tmp_path / "a.keras"):
        thread.start()
        assert built.wait(30)
        thread.join(0.2)
        assert not done
        left.set()
    thread.join(30)
    assert done == [True] and layers.Layer.add_weight is original
