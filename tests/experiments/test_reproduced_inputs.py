"""A reproduction with a network of one's own that gets wrong inputs: it is said, and the runs can be replaced."""

import html
import json
import re
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from processes import refused, tfstab_here
from tfstab import Dataset, make_ensemble
from tfstab.experiments import networks, reproduction
from tfstab.experiments.scales import SCALES, Copies

FORM = {"outputs": "logits"}
COMMAND = ["reproduce", "paper", "--scale", "tiny", "--out", "r", "--network", "single=single.keras", "--network"]
SEEM_WRONG = "The inputs or classes of the network 'mine' seem to be wrong. "


def saved(path, *layers):
    """Save a network whose logits are 12 times the mean of the first three rows of an image; layers: what goes before.

    Grey levels 0..1 give usual logits, others such logits that the scores are far too sure.
    """
    rows = np.kron(np.eye(3, 4), np.ones((1, 4))).T / 4
    network = keras.Sequential([keras.layers.Input((4, 4, 1)), *layers, keras.layers.Flatten(), keras.layers.Dense(3)])
    network.layers[-1].set_weights([12 * rows.reshape(16, -1)[:, :3], np.zeros(3)])
    network.save(path)
    path.with_suffix(".json").write_text(json.dumps({"form": FORM}))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a network that takes 0..255, two that take 0..1, of which one knows nothing of 0..255."""
    saved(tmp_path / "single.keras", keras.layers.Rescaling(1 / 255))
    saved(tmp_path / "mine.keras")
    saved(tmp_path / "lost.keras", keras.layers.ReLU(max_value=1))
    labels = np.arange(90) % 3
    levels = 90 + 60 * np.eye(3, 4)[labels][:, :, None, None]
    noisy = levels + np.random.default_rng(0).normal(0, 80, (90, 4, 4, 1))
    images = Dataset.from_arrays("squares", "test", np.clip(noisy, 0, 255).astype(np.uint8), labels)
    none = dict.fromkeys(("compared", "layered", "explained", "explained_by_ensembles"), 0)
    settings = {"clean": None, "swept": 90, "copies": Copies(1, 1, 1), "weakest": 2, "searched": 1, "queries": 100}
    scale = replace(SCALES["small"]["mnist"], **settings, **none, unclipped=Copies(0, 0, 0), trains=False)
    monkeypatch.setitem(SCALES, "tiny", {"mnist": scale})
    monkeypatch.setattr(reproduction, "load_dataset", lambda *_: images)
    monkeypatch.setattr(networks, "bundled_names", lambda: ())  # which take larger images
    monkeypatch.setattr("tfstab.report.saving.FIGURE_FORMATS", ())  # nothing here looks at figures; these are in files
    drawn = Figure.savefig  # and these in the page, which would take two thirds of the time
    monkeypatch.setattr(Figure, "savefig", lambda *given, **settings: drawn(*given, **settings | {"dpi": 20}))
    return tmp_path


def page(folder):
    """The text of the report."""
    return html.unescape((folder / "r/report.html").read_text("utf-8"))


def test_wrong_inputs_are_said_in_all_outputs_and_the_runs_can_be_replaced(folder):
    command = [*COMMAND, "mine=mine.keras"]
    first = tfstab_here(*command, cwd=folder)
    assert first.returncode == 0, first.stderr
    assert SEEM_WRONG in first.stderr[-1500:], "below the tables, after all progress bars"
    assert SEEM_WRONG in page(folder).split("<table")[0]
    assert "inputs" not in (folder / "r/tables/05-networks.csv").read_text("utf-8"), "all are the default"
    (folder / "mine.json").write_text(json.dumps({"form": FORM | {"preprocess": "unit"}}))
    said = refused(tfstab_here(*command, cwd=folder))
    assert "'mine' was measured with inputs 0..255 and now gets 0..1" in said and "another network" not in said
    assert "as in --network mine-2=PATH" in said
    named = re.search(r"delete (.*), and run the same command again", said)[1]
    runs = [folder / path for path in re.split(", | and ", named)]
    assert {run.parent.name for run in runs} == {"sweeps", "weakest", "searches"}
    kept = (folder / "r/mnist/sweeps/single/run.json").read_bytes()
    for run in runs:
        assert run.name == "mine"
        shutil.rmtree(run)
    again = tfstab_here(*command, "--json", cwd=folder)
    assert again.returncode == 0 and json.loads(again.stdout)["input_notes"] == [], again.stderr
    assert "seem to be wrong" not in page(folder), "the wrong figures are in no table"
    assert (folder / "r/mnist/sweeps/single/run.json").read_bytes() == kept
    rows = (folder / "r/tables/05-networks.csv").read_text("utf-8").split()
    assert [row.split(",")[-1] for row in rows[-2:]] == ["0..255", "0..1"]
    (folder / "mine.json").write_text(json.dumps({"form": FORM}))
    both = tfstab_here(*COMMAND, "mine-2=mine.keras", "--json", cwd=folder)
    [note] = json.loads(both.stdout)["input_notes"]
    assert SEEM_WRONG.replace("mine", "mine-2") in note and "--preprocess unit" in note


def test_a_network_that_knows_nothing_of_its_inputs_stops_it_until_they_are_corrected(folder):
    command = [*COMMAND, "mine=lost.keras"]
    said = refused(tfstab_here(*command, cwd=folder))
    assert SEEM_WRONG.lower()[4:-2] in said.lower() and "in lost.json beside the model" in said
    assert "--as-is" not in said, "the command has no such option"
    (folder / "lost.json").write_text(json.dumps({"form": FORM | {"preprocess": "unit"}}))
    again = tfstab_here(*command, cwd=folder)
    assert again.returncode == 0 and "seem to be wrong" not in again.stderr, again.stderr


def test_an_ensemble_that_is_preprocessed_is_compared_with_its_member_as_it_is_read(folder):
    two = make_ensemble([keras.saving.load_model(folder / "mine.keras") for _ in range(2)])
    two.model.save(folder / "two.keras")
    (folder / "two.json").write_text(json.dumps({"form": {"preprocess": "unit"}}))
    made = tfstab_here(*COMMAND, "ensemble=two.keras", cwd=folder)
    assert made.returncode == 0, made.stderr
    rows = (folder / "r/tables/05-networks.csv").read_text("utf-8").split()[-3:]
    assert {row.split(",")[0]: row.split(",")[-1] for row in rows} == {
        "single": "0..255", "ensemble": "0..1", "member": "0..1"
    }  # fmt: skip
    (folder / "two.json").unlink()
    said = refused(tfstab_here(*COMMAND, "ensemble=two.keras", cwd=folder))
    assert "'member' was measured with inputs 0..1 and now gets 0..255" in said and "sweeps/member" in said
