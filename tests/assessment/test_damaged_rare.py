"""A damaged sweep of more images of rare classes: only it is left out, which is said, with how it is made again."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment.opened import Assessment
from tfstab.cli.app import app
from tfstab.errors import RunError
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.sessions.assessment_session import compute


def sweep(folder, indices, labels):
    config = SweepConfig(degradation=folder.name, severities=(50,), copies=1)
    made_sweep(folder, config, np.zeros((len(labels), 1, 1), int), labels, labels, indices, classes=2)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Fog on 100 images, of which 5 are of class 1, and on 20 more of class 1."""
    folder = tmp_path_factory.mktemp("rare") / "assessed"
    sweep(folder / "fog", np.arange(100), (np.arange(100) % 20 == 0).astype(int))
    sweep(folder / "rare" / "fog", np.arange(100, 120), np.ones(20, int))
    (folder / "assessment.json").write_text("{}")
    return folder


def of_class_1(assessment):
    return {one.name: one.images for one in assessment.figures.weakest_classes}["1"]


def truncate(path):
    path.write_bytes(path.read_bytes()[:-9])


def scribble(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("file", "harm"), [("parts/*", truncate), ("parts/*", scribble), ("run.json", scribble), ("clean.npz", truncate)]
)
def test_only_the_damaged_images_of_rare_classes_are_left_out(assessed, tmp_path, file, harm):
    assert of_class_1(Assessment(assessed)) == 25
    folder = shutil.copytree(assessed, tmp_path / "copy")
    (harmed,) = (folder / "rare" / "fog").glob(file)
    harm(harmed)
    first = "" if file == "parts/*" else f"delete the folder {folder / 'rare' / 'fog'}, then "
    line = (
        f"The extra sample of the smaller classes under fog is left out, because files in {folder / 'rare' / 'fog'} "
        f"are damaged: {first}run `tfstab assess` again with the options of the first time"
    )
    said = "The results for the extra sample of the smaller classes under fog are damaged and left out."
    for shown in ([folder], [folder / "fog"]):
        reported = CliRunner().invoke(app, ["report", *map(str, shown), "--out", str(tmp_path / "page")])
        assert reported.exit_code == 0 and line in reported.stderr, reported.output
        assert said in (tmp_path / "page" / "report.html").read_text("utf-8")
    inspected = CliRunner().invoke(app, ["inspect", str(folder), "--json"])
    assert inspected.exit_code == 0 and line in inspected.stderr, inspected.output
    record = json.loads(inspected.stdout)
    assert record["damaged"] == ["rare/fog"] and record["verdict"]["lead"].startswith(said)
    assert {one["name"]: one["images"] for one in record["classes"]}["1"] == 5
    compared = CliRunner().invoke(app, ["compare", str(assessed), str(folder), "--json"])
    assert compared.exit_code == 0, compared.output
    (pair,) = json.loads(compared.stdout)
    assert len(pair["left_out"]) == 1 and pair["left_out"][0].startswith(line)
    for inside in ("", "fog"):
        whole, copy = str(assessed / inside), str(folder / inside)
        gate = ["compare", "--fail-if-worse", "--class", "1"]
        assert CliRunner().invoke(app, [*gate, whole, whole]).exit_code == 0
        failed = CliRunner().invoke(app, [*gate, whole, copy]).exception
        assert isinstance(failed, RunError) and "(the extra sample of the smaller classes under fog in " in str(failed)
    in_viewer = compute(OpenedAssessment(folder))
    assert len(in_viewer.repairs) == 1 and in_viewer.repairs[0].startswith(line) and said in in_viewer.verdict.lead
    with pytest.raises(RunError, match="damaged"):
        _ = Assessment(folder).figures


def test_the_assessment_may_have_the_name_of_the_folder_of_rare_classes(assessed, tmp_path):
    folder = shutil.copytree(assessed, tmp_path / "rare")
    shutil.rmtree(folder / "rare")
    sweep(folder / "jpeg", np.arange(100), np.zeros(100, int))
    truncate(next(folder.glob("fog/parts/*")))
    left = Assessment(folder, skip_damaged=True)
    assert [damage.what for damage in left.damaged] == ["fog"]
    assert left.damaged[0].reason.endswith("run `tfstab assess` again to make it again.")


@pytest.mark.parametrize("where", ["fog", "rare/fog"])
def test_a_run_of_a_newer_tfstab_is_never_called_damaged(assessed, tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(assessed, tmp_path / "copy")
    record = folder / where / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text("utf-8")) | {"format": 99}), "utf-8")
    said = f"{folder / where} was written by a newer tfstab: update tfstab to open it."
    for command in ("report", "inspect"):
        shown = CliRunner().invoke(app, [command, str(folder)])
        assert isinstance(shown.exception, RunError) and str(shown.exception) == said, shown.output
