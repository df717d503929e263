"""An assessment that was interrupted, stopped or damaged goes on without loss, and only with what is its own."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from assessment_runs import PLENTY
from bright_network import FAMILIES, network, parts_of
from typer.testing import CliRunner

import tfstab
from tfstab.assessment.opened import Assessment
from tfstab.assessment.results import RESULTS, earlier_settings
from tfstab.classifier.source import Source
from tfstab.cli.app import app
from tfstab.errors import RunError
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.orders.repair import repair_line
from tfstab.report.assess import Interrupted
from tfstab.report.run_report import report_page
from tfstab.runs.files import BEGUN
from tfstab.runs.known_models import known_model

pytestmark = pytest.mark.usefixtures("few_queries")


def test_ctrl_c_keeps_what_is_finished_and_writes_its_report(squares, tmp_path):
    def stop_at_fog(state):
        if any(family.name == "fog" and family.working for family in state.families):
            raise KeyboardInterrupt

    folder = tmp_path / "stopped"
    with pytest.raises(Interrupted) as stopped:
        tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES, on_state=stop_at_fog)
    assert stopped.value.assessment.report.exists()
    assert str(stopped.value).startswith(
        f"what is finished is kept in {folder}, and its report is {folder / 'report.html'}"
    )
    assert [f.name for f in stopped.value.assessment.figures.families] == ["gaussian_noise", "jpeg"]
    said = "2 of 3 degradations were measured; the assessment ended before it came to fog."
    assert stopped.value.assessment.summary().startswith(said) and said in (folder / "report.html").read_text("utf-8")
    opened = tfstab.open_assessment(folder)
    assert opened.unmeasured == ["fog"] and opened.figures.available == len(squares)
    assert "The assessment ended before it came to fog." in report_page(tfstab.open_assessment(folder).runs)
    kept = parts_of(folder)
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert kept.items() <= parts_of(folder).items() and len(made.figures.families) == 3
    assert not made.unmeasured and "ended before" not in made.summary()


KILLED = """
import sys; sys.path.insert(0, {tests!r})
import os, signal, tfstab
from assessment_runs import PLENTY, grey_squares
from bright_network import FAMILIES, QUERIES, network
from tfstab.assessment import noise_search

noise_search.GENETIC = QUERIES


def at_noise(state):
    if state.noise.searched >= 2:
        os.kill(os.getpid(), signal.SIGKILL)


given = dict(minutes=PLENTY, degradations=FAMILIES, on_state=at_noise)
tfstab.assess(network(), grey_squares(), out={out!r}, **given)
"""


def test_after_a_kill_it_goes_on_and_ends_like_one_that_was_not_disturbed(watched, squares, tmp_path):
    code = KILLED.format(tests=str(Path(__file__).parent), out=str(tmp_path / "killed"))
    environment = {"PYTHONPATH": str(Path(__file__).parents[1])}
    killed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False, timeout=200
    )
    assert killed.returncode == -9, killed.stderr
    recorded = {"minutes": PLENTY, "degradation": ",".join(FAMILIES)}
    assert earlier_settings(tmp_path / "killed") == recorded and not (tmp_path / "killed" / RESULTS).exists()
    with pytest.raises(RunError, match="seed = 0, not 5"):
        tfstab.assess(network(), squares, out=tmp_path / "killed", seed=5, degradations=["fog"])
    assert earlier_settings(tmp_path / "killed") == recorded, "a refused call changes nothing"
    kept = parts_of(tmp_path / "killed")
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=tmp_path / "killed", degradations=FAMILIES)
    assert kept.items() < parts_of(made.path).items()
    assert earlier_settings(made.path) == recorded and not (made.path / BEGUN).exists()
    undisturbed, _ = watched
    for run, other in zip(made.runs, undisturbed.runs, strict=True):
        if run.kind == "sweep":  # how long an image is searched depends on the speed
            assert {path.name for path in run.parts.values()} == {path.name for path in other.parts.values()}
    assert {f.name: f.kept for f in made.figures.families} == {f.name: f.kept for f in undisturbed.figures.families}


def test_a_folder_with_anything_else_is_left_alone(watched, squares, tmp_path):
    made, _ = watched
    (tmp_path / "letter.txt").write_text("mine")
    (tmp_path / "file").touch()
    for folder, sentence in (
        (tmp_path, "holds other files"), (tmp_path / "file", "is a file"), (made.path / "fog", "is a run folder"),
    ):  # fmt: skip
        with pytest.raises(RunError, match=sentence):
            tfstab.assess(network(), squares, out=folder)
    with pytest.raises(RunError, match=r"^\\udcff cannot be used as a path \(it is not UTF-8"):
        tfstab.assess(network(), squares, out="\udcff")
    (tmp_path / "taken" / "report.html").mkdir(parents=True)
    with pytest.raises(RunError, match=r"report.html is no file, and is to be written"):
        tfstab.assess(network(), squares, out=tmp_path / "taken")
    with pytest.raises(RunError, match="holds no runs"):
        tfstab.open_assessment(tmp_path)
    with pytest.raises(RunError, match="another model"):
        tfstab.assess(network(name="other"), squares, minutes=0.1, out=made.path, degradations=FAMILIES)


OTHERS = {
    "model": ({"model": network(name="another")}, "copy has results of another model"),
    "images": ({"labels": [0] * 6}, "begun with other data .* since; give the same"),
    "seed": ({"seed": 3}, "begun with seed = 0, not 3"),
}


@pytest.mark.parametrize(("others", "said"), OTHERS.values(), ids=OTHERS)
def test_what_another_model_or_other_images_gave_is_never_shown(watched, squares, tmp_path, others, said):
    """Not even if there is no time for anything, or for another degradation."""
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    before = parts_of(folder), (folder / "assessment.json").read_bytes()
    given = replace(squares, labels=np.array(others.get("labels", squares.labels)))
    model, seed = others.get("model", network()), others.get("seed", 0)
    for families in (FAMILIES, ("contrast",)):
        with pytest.raises(RunError, match=said):
            tfstab.assess(model, given, minutes=1e-6, out=folder, degradations=families, seed=seed)
    assert (parts_of(folder), (folder / "assessment.json").read_bytes()) == before


def test_a_run_in_the_folder_of_another_is_not_taken_for_it(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    shutil.rmtree(folder / "jpeg")
    (folder / "fog").rename(folder / "jpeg")
    with pytest.raises(RunError, match="jpeg is a run of fog, and would be taken for one of jpeg"):
        tfstab.assess(network(), squares, minutes=1e-6, out=folder, degradations=FAMILIES)


def test_a_finished_assessment_that_is_made_again_tells_the_viewer_where_the_model_is(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    model, before = network(), parts_of(folder)
    model.source = Source(str(tmp_path / "my.keras"), {})
    tfstab.assess(model, squares, minutes=1e-6, out=folder, degradations=FAMILIES)
    assert known_model(model.fingerprint)[0] == model.source.path and parts_of(folder) == before


def test_a_damaged_part_is_left_out_and_made_again(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    harmed = [next(folder.glob(f"{name}/parts/*")) for name in ("fog", "search")]
    for part in harmed:
        part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(RunError, match=r"is damaged: run `tfstab assess` again to make it again\.$"):
        _ = tfstab.open_assessment(folder).figures
    left = Assessment(folder, skip_damaged=True)
    assert [damage.what for damage in left.damaged] == ["fog", "the minimum noise"]
    assert str(left).startswith("The results for fog and the minimum noise are damaged and left out. ")
    assert left.figures.family("fog") is None and left.figures.search is None and not left.unmeasured
    assert left.to_json()["damaged"] == ["fog", "search"]
    others = {f.name: f.kept for f in watched[0].figures.families if f.name != "fog"}
    assert others and {f.name: f.kept for f in left.figures.families} == others
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert parts_of(folder).keys() == parts_of(watched[0].path).keys()
    assert made.figures.family("fog").kept == watched[0].figures.family("fog").kept
    again = Assessment(folder, skip_damaged=True)
    assert again.damaged == [] and "damaged" not in again.to_json()


@pytest.mark.parametrize("name", ["run.json", "clean.npz"])
def test_a_run_that_cannot_be_opened_is_left_out_until_its_folder_is_deleted(watched, squares, tmp_path, name):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    (folder / "fog" / name).write_text("x")
    left = Assessment(folder, skip_damaged=True)
    ((damage,), info) = left.damaged, left.whole[0].info
    said = repair_line(damage, info)
    first = "delete the folder" if name == "run.json" else "run `tfstab assess` again"
    assert said.startswith(f"Fog is left out, because files in {folder / 'fog'} are damaged: {first}")
    compared = CliRunner().invoke(app, ["compare", str(folder), str(watched[0].path), "--json"])
    assert compared.exit_code == 0, compared.output
    (pair,) = json.loads(compared.stdout)
    assert pair["left_out"] == [said], "not also that only the other one has fog"
    assert {row["degradation"] for row in pair["Accuracy by degradation"]} == {"JPEG compression", "Gaussian noise"}
    summed = CliRunner().invoke(app, ["robustness", str(folder), "--json"])
    assert summed.exit_code == 0 and said in summed.stderr and "jpeg" in summed.stdout and "fog" not in summed.stdout
    before = parts_of(folder)
    if name == "run.json":
        with pytest.raises(RunError, match=r"fog cannot be continued, because files in it are damaged: delete this"):
            tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
        shutil.rmtree(damage.path)
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert not made.damaged and (name == "run.json" or parts_of(folder) == before)
    assert made.figures.family("fog").kept == watched[0].figures.family("fog").kept
    for run in folder.glob("*/run.json"):
        run.write_text("x")
    with pytest.raises(RunError, match="is damaged"):
        Assessment(folder, skip_damaged=True)


@pytest.mark.parametrize("classes", [(), ("--class", "0")])
def test_the_gate_fails_if_what_was_to_be_compared_cannot_be_read(watched, tmp_path, classes):
    whole = shutil.copytree(watched[0].path, tmp_path / "whole")
    copies = {name: shutil.copytree(whole, tmp_path / name) for name in ("damaged", "lost", "gone", "less")}
    (copies["damaged"] / "fog" / "clean.npz").write_text("x")
    (copies["lost"] / "jpeg" / "run.json").unlink()
    for name in ("gone", "less"):
        shutil.rmtree(copies[name] / "fog")
    record = json.loads((copies["less"] / RESULTS).read_text("utf-8"))
    record["families"] = [family for family in record["families"] if family["name"] != "fog"]
    (copies["less"] / RESULTS).write_text(json.dumps(record), "utf-8")
    found = {}
    for name, folder in copies.items():
        for pair in ([whole, folder], [folder, whole]):
            done = CliRunner().invoke(app, ["compare", *map(str, pair), *classes, "--fail-if-worse"])
            found.setdefault(name, set()).add(done.exit_code and str(done.exception))
            assert name not in ("less", "gone") or "Not compared: fog" in done.stdout
            gone = f"Fog is left out, because its folder {copies['gone'] / 'fog'} is missing: run `tfstab assess` again"
            assert (gone in done.stdout) == (name == "gone")
    again = "run `tfstab assess` again with the options of the first time, then compare again."
    said = "--fail-if-worse cannot decide, because files of the results to compare are damaged or missing"
    assert found == {
        "damaged": {f"{said} (fog in {copies['damaged']}): {again}"},
        "lost": {f"{said} (JPEG compression in {copies['lost']}): {again}"},
        "gone": {f"{said} (fog in {copies['gone']}): {again}"},
        "less": {0},
    }


@pytest.mark.parametrize(("name", "what"), [("fog", "fog"), ("search", "the minimum noise")])
def test_damage_in_a_run_that_is_not_continued_is_left_out_of_the_report(watched, squares, tmp_path, name, what):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    (folder / name / "clean.npz").write_text("x")
    states = []
    planned = [family for family in FAMILIES if family != name]
    options = {"out": folder, "degradations": planned, "search": name != "search", "on_state": states.append}
    made = tfstab.assess(network(), squares, minutes=PLENTY, **options)
    assert states[-1].stage == "finished" and [damage.what for damage in made.damaged] == [what]
    said = f"The results for {what} are damaged and left out."
    page = made.report.read_text("utf-8")
    assert (
        said in str(made)
        and f"are damaged: {'delete the folder' if name == 'search' else 'run'}" in page
        and ">JPEG compression<" in page
    )
    record = json.loads((folder / RESULTS).read_text("utf-8"))
    assert record["damaged"] == [name] and said in record["verdict"]["lead"]


def test_damaged_clean_images_are_restored_only_if_they_are_the_same(watched, squares, tmp_path):
    """One file may be that of all degradations. Which images a run was begun with may be known to it alone."""
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    for name in ("fog", "jpeg"):
        (folder / name / "clean.npz").write_text("x")
        info = json.loads((folder / name / "run.json").read_text("utf-8"))
        info["data"]["fingerprint"] = "0" * 64
        (folder / name / "run.json").write_text(json.dumps(info), "utf-8")
    both = r"jpeg and .*fog cannot be continued, because files in them are damaged: delete these folders, then run"
    with pytest.raises(RunError, match=both):
        tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)


@pytest.mark.parametrize("name", ["search"])
def test_damage_in_a_run_that_is_continued_is_found_before_anything_is_measured(watched, squares, tmp_path, name):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    (folder / name / "clean.npz").write_text("x")
    states = []
    with pytest.raises(RunError, match=rf"{name} cannot be continued, because files in it are damaged: delete this"):
        tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES, on_state=states.append)
    assert "measuring" not in {state.stage for state in states}
    shutil.rmtree(folder / name)
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert not made.damaged and parts_of(folder).keys() == parts_of(watched[0].path).keys()


def test_a_damaged_explanation_is_left_out_of_the_report(watched, squares, tmp_path):
    folder = shutil.copytree(watched[0].path, tmp_path / "copy")
    why = run_explanation(
        network(), squares, ExplanationConfig(copies=2, max_queries=100, only=("copies",)), folder / "explanation"
    )
    (why.path / "clean.npz").write_text("x")
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES)
    assert "The explanation is left out. " in made.report.read_text("utf-8")
