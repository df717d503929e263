"""Training folders made to harm: nothing outside is read, changed or removed, and damage is said in one sentence."""

import json
import os
import shutil
import zipfile
from dataclasses import replace

import pytest

from guard import nothing_outside
from tfstab import build_model, train
from tfstab.errors import RunError, TfstabError
from tfstab.training import RECIPES, train_ensemble

RECIPE = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=20)


@pytest.fixture(scope="module")
def sets(digits):
    return digits.take(40), digits.take(60).without(digits.take(40))


@pytest.fixture(scope="module")
def begun(sets, tmp_path_factory):
    """A training that was stopped after its only epoch, before the trained network was written."""

    def interrupt(figures):
        raise KeyboardInterrupt

    folder = tmp_path_factory.mktemp("begun") / "training"
    with pytest.raises(KeyboardInterrupt):
        train(RECIPE, *sets, out=folder, on_epoch=interrupt)
    return folder


@pytest.fixture
def folder(begun, tmp_path):
    return shutil.copytree(begun, tmp_path / "training")


def change(folder, **values):
    state = json.loads((folder / "training.json").read_text("utf-8"))
    (folder / "training.json").write_text(json.dumps(state | values), "utf-8")


def refused(folder, sets):
    """The one sentence with which a training there is refused."""
    with pytest.raises(RunError) as error, nothing_outside(folder):
        train(RECIPE, *sets, out=folder)
    assert "\n" not in str(error.value) and len(str(error.value)) < 500
    return str(error.value)


@pytest.mark.parametrize("name", ["last", "best"])
@pytest.mark.parametrize(
    "path", ["../victim.txt", "{}", "training.json", "last-0002.keras", "", ["last-0001.keras"], 1]
)
def test_a_checkpoint_is_no_path(folder, sets, name, path):
    victim = folder.parent / "victim.txt"
    victim.write_text("precious")
    change(folder, **{name: path.format(victim) if isinstance(path, str) else path})
    assert f"'{name}' does not name the checkpoint of epoch 1" in refused(folder, sets)
    assert victim.read_text() == "precious"


FIGURES = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "validation_loss": 1.0, "validation_accuracy": 0.5}
HARM = {
    "history of text": {"history": "long"},
    "more epochs than planned": {"history": [FIGURES, FIGURES | {"epoch": 2}]},
    "an epoch that is no object": {"history": [7]},
    "an epoch without figures": {"history": [{"epoch": 1}]},
    "another epoch": {"history": [FIGURES | {"epoch": 2}]},
    "figures of text": {"history": [FIGURES | {"loss": "low"}]},
    "an accuracy of 7": {"history": [FIGURES | {"validation_accuracy": 7}]},
    "no history": {"history": []},
    "settings of text": {"identity": "mine"},
    "random states of text": {"random": "any"},
    "random states of three numbers": {"random": [[1, 2, 3]]},
    "a random state of a fraction": {"random": [[0.5, 1]]},
    "a random state of 33 bits": {"random": [[1 << 32, 1]]},
    "too many random states": {"random": 50 * [[1, 2]]},
}


@pytest.mark.parametrize("harm", HARM)
def test_a_state_that_no_training_wrote_is_refused(folder, sets, harm):
    change(folder, **HARM[harm])
    assert "training.json is damaged" in refused(folder, sets)


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "{}", "7", '{"a":' + "[" * 10**5 + "]" * 10**5 + "}", "\ud800", "[" + "9" * 5000 + "]",
        " " * (17 << 20),
    ],
    ids=["empty", "half", "list", "nothing", "number", "deep", "not utf-8", "digits", "17 MB"],
)  # fmt: skip
def test_a_state_that_is_no_json_is_refused(folder, sets, content):
    (folder / "training.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert "training.json is damaged" in refused(folder, sets)


def lambda_model():
    """A network of the recipe's size that would run code."""
    import keras

    model = build_model("mnist-lenet")
    return keras.Sequential([*model.layers, keras.layers.Lambda(lambda x: x)])


def without_optimiser(path):
    build_model("mnist-lenet").save(path)


def without_weights(path):
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config)


CHECKPOINTS = {
    "missing": os.remove,
    "text": lambda path: path.write_text("no network"),
    "half": lambda path: path.write_bytes(path.read_bytes()[:100_000]),
    "a lambda": lambda path: lambda_model().save(path),
    "another network": lambda path: build_model("cifar10-quick").save(path),
    "no optimiser": without_optimiser,
    "no weights": without_weights,
}


@pytest.mark.parametrize("harm", CHECKPOINTS)
def test_a_checkpoint_is_checked_before_it_is_loaded(folder, sets, harm):
    CHECKPOINTS[harm](folder / "last-0001.keras")
    assert "last-0001.keras is damaged" in refused(folder, sets)


@pytest.mark.parametrize("harm", ["missing", "half", "a lambda"])
def test_the_best_checkpoint_is_checked_too(folder, sets, harm):
    CHECKPOINTS[harm](folder / "best-0001.keras")
    assert "best-0001.keras is damaged" in refused(folder, sets)


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX'")
@pytest.mark.parametrize(
    "name", ["training.json", "last-0001.keras", "run.lock", "mnist-lenet.keras", "mnist-lenet.json", "test.npz"]
)
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_no_file_of_it_is_a_link_or_a_pipe(folder, sets, name, kind):
    victim = folder.parent / "victim"
    victim.write_bytes((folder / name).read_bytes() if (folder / name).exists() else b"precious")
    before = victim.read_bytes()
    (folder / name).unlink(missing_ok=True)
    {"link": lambda p: p.symlink_to(victim), "pipe": os.mkfifo, "folder": os.mkdir}[kind](folder / name)
    assert ("is a link" if kind == "link" else "is no file") in refused(folder, sets)
    assert victim.read_bytes() == before


def test_a_users_files_in_it_stay(folder, sets):
    kept = {"last-summer.keras", "best-of.keras", ".notes.tmp", ".notes.17.tmp", ".last-1.keras.tmp"}
    for name in (*kept, ".last-0002.keras.17.tmp.keras", ".training.json.17.tmp"):
        (folder / name).write_text("some")
    train(RECIPE, *sets, out=folder)
    made = {"training.json", "mnist-lenet.keras", "mnist-lenet.json", "run.lock"}
    assert {path.name for path in folder.iterdir()} == kept | made
    (folder / "mnist-lenet.json").write_text('{"name": "mine"}')
    assert "mnist-lenet.json is damaged (" in refused(folder, sets)


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX'")
def test_a_member_that_is_a_link_or_has_a_damaged_card_is_refused(sets, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "ensemble").mkdir()
    (tmp_path / "ensemble" / "member-1").symlink_to(outside)
    with pytest.raises(RunError, match="member-1 is a link"):
        train_ensemble(RECIPE, 2, dataset=sets[0], test=sets[1], out=tmp_path / "ensemble")
    assert not list(outside.iterdir())
    (tmp_path / "ensemble" / "member-1").unlink()
    outside.rename(tmp_path / "ensemble" / "member-1")
    (tmp_path / "ensemble" / "member-1" / "mnist-lenet.keras").write_text("")
    for card in ("{", "[]", '{"recipe": {}}'):
        (tmp_path / "ensemble" / "member-1" / "mnist-lenet.json").write_text(card)
        with pytest.raises(TfstabError, match=r"mnist-lenet\.json is damaged"):
            train_ensemble(RECIPE, 2, dataset=sets[0], test=sets[1], out=tmp_path / "ensemble")
    network = tmp_path / "ensemble" / "member-1" / "mnist-lenet.keras"
    network.rename(tmp_path / "elsewhere.keras")
    network.symlink_to(tmp_path / "elsewhere.keras")
    with pytest.raises(RunError, match=r"mnist-lenet\.keras is a link"):
        train_ensemble(RECIPE, 2, dataset=sets[0], test=sets[1], out=tmp_path / "ensemble")
