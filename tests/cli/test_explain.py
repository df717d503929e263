"""`tfstab explain`, with a NumPy classifier in the place of the bundled network."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, dataset
from rich.progress import Progress as Bar
from typer.testing import CliRunner

from processes import tfstab_here
from tfstab import open_run
from tfstab.cli import explain as command_module
from tfstab.cli.app import app
from tfstab.datasets.file_names import file_names
from tfstab.errors import InputError, RunError, TfstabError
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.running import Progress
from tfstab.orders import model as models


@pytest.fixture
def explain(tmp_path, monkeypatch):
    """explain(*arguments) -> its result, of mnist-lenet and few.npz."""
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: classifier())
    return lambda *arguments: CliRunner().invoke(app, ["explain", "mnist-lenet", "few.npz", *map(str, arguments)])


def test_it_prints_the_cause_and_where_run_and_report_are(explain, tmp_path):
    told = explain("--copies", 4)
    assert told.exit_code == 0, told.output
    run = open_run(tmp_path / "runs" / "explanation-mnist-lenet-few-copies-4")
    assert run.complete and len(run.rows) == 9 and run.config.copies == 4
    assert "few.npz: 9 images, 3 classes" in told.stderr and "stratified sample" not in told.stderr
    assert (
        "9 images are too few to say whether a cause stands out" in told.stdout
        and f"report: {run.path.relative_to(tmp_path)}/report.html" in told.stdout
    )
    assert f"tfstab inspect {run.path.relative_to(tmp_path)} --image N" in told.stdout
    assert (run.path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    page = run.path / "report.html"
    page.write_text("kept", "utf-8")
    again = explain("--copies", 4)  # everything is there
    assert again.exit_code == 0 and again.stdout == told.stdout and page.read_text("utf-8") == "kept"


def test_a_page_that_is_older_than_its_run_is_written_again(explain):
    asked = ("--copies", 4, "--only", "copies", "--images", 3, "--out", "one")
    assert explain(*asked).exit_code == 0
    run = open_run("one")
    page = run.path / "report.html"
    page.write_text("kept", "utf-8")
    next(iter(run.parts.values())).touch()
    assert explain(*asked).exit_code == 0 and page.read_text("utf-8") != "kept"


def test_a_sample_is_explained_unless_images_are_chosen(explain, monkeypatch):
    monkeypatch.setattr(command_module, "MOST_IMAGES", 4)
    asked = ("--only", "copies", "--copies", 4, "--max-queries", 100, "--out", "sample")
    told = explain(*asked)
    assert "a stratified sample of 4 of 9 images is explained; --limit takes more or fewer" in told.stderr
    assert len(open_run("sample").rows) == 4
    more = explain(*asked, "--limit", 7)
    assert "stratified sample" not in more.stderr
    assert (run := open_run("sample")).config.max_queries == 100 and len(run.rows) == 7
    few = explain("--only", "copies,noise", "--copies", 4, "--images", "2:8")
    assert few.exit_code == 0
    (folder,) = Path("runs").iterdir()
    assert "only-copies-noise" in folder.name and sorted(open_run(folder).images) == [2, 3, 4, 5, 6, 7]


def test_a_sample_with_few_images_of_a_rare_class_is_said_to_explain_it_badly(explain, monkeypatch):
    """Of 60 images 6 are of class 0, and 2 of the 20 that are explained; in the other data both are common."""
    monkeypatch.setattr(command_module, "MOST_IMAGES", 20)
    every, asked = dataset(600), ("--only", "copies", "--copies", 4, "--as-is", "--out")

    def told(out, *counts):
        rows = np.sort(np.concatenate([np.flatnonzero(every.labels == k)[:count] for k, count in enumerate(counts)]))
        np.savez("few.npz", images=every.images[rows], labels=every.labels[rows], class_names=np.array(NAMES))
        found = explain(*asked, out)
        assert found.exit_code == 0 and "a stratified sample of 20 of" in found.stderr, found.output
        return " ".join(found.stderr.split())

    said = "the sample has only 2 images of class cat, so the explanation says little about it; --limit 60 takes more"
    assert said in told("rare", 6, 54)
    assert "says little" not in told("alike", 30, 30)


def test_the_command_that_helps_against_the_cause_is_the_next_one(explain, monkeypatch):
    """Half of the images of two classes are labelled as another one when clean, as whose they are then mostly wrong."""
    monkeypatch.setattr("tfstab.orders.proposed._can_be_saved", lambda _: True)
    every = dataset(200)
    labels = np.where(np.arange(200) % 2, (every.labels + 2) % 3, every.labels)
    labels = np.where(every.labels == 0, 0, labels)
    np.savez("few.npz", images=every.images, labels=labels, class_names=np.array(NAMES))
    told = explain("--only", "copies", "--copies", 4, "--as-is", "--limit", 200, "--out", "run")
    assert told.exit_code == 0 and "One cause stands out" in told.stdout, told.output
    assert "`tfstab harden --clean-share 1` trains a copy for longer on clean images" in told.stdout
    (step,) = told.stdout.partition("next:   ")[2].splitlines()
    assert step == (
        "tfstab harden mnist-lenet few.npz --train=TRAINING_IMAGES --clean-share=1   # a copy trained for longer on "
        "clean images (10 minutes); without other images, give only --train=few.npz"
    )


def test_the_command_with_enough_images_to_decide_on_a_weak_class_is_the_next_one(explain, monkeypatch):
    """A third of the images that are labelled as cats are taken for dogs."""
    monkeypatch.setattr(command_module, "MOST_IMAGES", 60)
    every = dataset(600)
    labels = np.where((every.labels == 1) & (np.arange(600) % 12 == 0), 0, every.labels)
    np.savez("few.npz", images=every.images, labels=labels, class_names=np.array(NAMES))
    told = explain("--only", "copies", "--copies", 4, "--as-is", "--out", "run")
    assert "Class cat may be a cause" in told.stdout, told.output
    assert "60 of the 600 images given were chosen; choosing more may decide this (`--limit 600`" in told.stdout, (
        told.output
    )
    step, assess = told.stdout.partition("next:   ")[2].splitlines()[:2]
    words, _, why = step.partition("   # ")
    expected = "tfstab explain mnist-lenet few.npz --limit=600 --copies=4 --only=copies --minutes=3 --out=run"
    assert sorted(words.split()) == sorted(expected.split())
    assert why == "may decide whether class cat is a cause"
    assert assess.split("#")[1] == " which degradation does the most harm"
    assert "One cause stands out" in explain(*words.split()[4:], "--as-is").stdout
    assert len(open_run("run").rows) == 600


def test_one_image_has_no_table_of_layers(tmp_path):
    one = tfstab_here(
        "explain", "mnist-lenet", "mnist-5k", "--images", 1447, "--only", "layers", "--out", tmp_path / "one"
    )
    assert "nan" not in one.stdout and ", 1 image\n" in one.stdout and "need at least two images." in one.stdout
    assert "nan–nan" not in (tmp_path / "one/report.html").read_text("utf-8")


def test_as_json_of_one_image(explain):
    answer = json.loads(explain("--copies", 4, "--images", "3", "--only", "copies", "--out", "one", "--json").stdout)
    assert answer["images"] == 1 and answer["complete"] and answer["report"] == "one/report.html"
    assert answer["topics"]["cause"]["lines"] and isinstance(answer["causes"], list)


def test_ctrl_c_ends_it_with_how_to_go_on(explain, monkeypatch):
    def interrupted(watch, progress):
        if progress.done:
            raise KeyboardInterrupt

    monkeypatch.setattr(command_module.ExplanationWatch, "on_progress", interrupted)
    told = explain("--copies", 4, "--out", "run")
    assert told.exit_code == 130 and "what is finished is kept; run the same command again to resume" in told.stderr
    assert len(open_run("run").parts) == 1
    monkeypatch.undo()


def test_stopped_by_the_clock_it_says_how_long_the_first_images_take_or_reports_what_there_is(explain, monkeypatch):
    reached = []
    monkeypatch.setattr(command_module, "out_of_time", reached.append)
    told = explain("--copies", 4, "--minutes", 1e-6, "--out", "run")
    said = str(told.exception)
    assert "the time was not enough for the first 8 images: what is left takes at most about " in said
    assert "note: the time will probably not be enough for the first 8 images, which may take about" in told.stderr
    run = open_run("run")
    assert len(run.parts) == 1 and not run.path.joinpath("report.html").exists()
    slow = next(name for name in run.info["parts"] if name.startswith("frequency"))
    with run.path.joinpath("log.jsonl").open("a") as log:  # as of a slow machine
        log.write(json.dumps({"event": "part", "part": slow, "seconds": 1e6}) + "\n")
    told = explain("--copies", 4, *re.search(r"--minutes [\d.]+", said)[0].split(), "--out", "run")
    assert told.exit_code == 0 and run.path.joinpath("report.html").exists()
    said = "the time was enough for 9 of 9 images, without the analysis frequency; run the same command again to go on"
    assert said in told.stdout and said not in told.stderr, "saved output says how to go on, too"
    assert reached == ["9 of 9 images, without the analysis frequency"], "the viewer is told so"


def test_the_bar_and_the_estimate_by_hand(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(command_module, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    bar = Bar(disable=True)
    whole, timed = command_module.ExplanationWatch(bar, 20), command_module.ExplanationWatch(bar, 20, minutes=50)

    def shown(watch, seconds, done, total=120.0):
        now[0] = 100.0 + seconds
        watch.on_progress(Progress("copies", done, total))
        task = bar.tasks[watch.task]
        return task.completed, task.total, task.fields["note"]

    assert shown(whole, 0, 0.0) == (0, 20, "copies") and shown(whole, 30, 6.0) == (1, 20, "copies")
    assert capsys.readouterr().err == ""
    assert shown(whole, 100, 30.0) == (5, 20, "copies")
    said = "at most about 5 min more, judged by the first 2 min; --minutes sets a limit"
    assert said in " ".join(capsys.readouterr().err.split())
    assert shown(whole, 200, 60.0) == (10, 20, "copies") and capsys.readouterr().err == "", "it is said once"
    # Of 50 minutes, the share of the work is shown, or of the time if more of it is over.
    assert [shown(timed, 0, done)[:2] for done in (0.0, 30.0)] == [(0, 100), (25, 100)]
    assert [shown(timed, seconds, 30.0)[0] for seconds in (600, 1500, 9000)] == [25, 50, 100]
    assert (shown(timed, 0, 0.0, 0.0)[0], shown(whole, 0, 0.0, 0.0)[0]) == (100, 20), "there was nothing to do"
    timed.finish(SimpleNamespace(rows=range(7)))
    assert (bar.tasks[timed.task].completed, bar.tasks[timed.task].total) == (7, 20)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (["--sigma", 0], InputError, "sigma is 0.0; expected a number above 0"),
        (["--copies", 1], InputError, "copies is 1; expected a whole number from 2"),
        (["--minutes", -1], InputError, "minutes"),
        (["--limit", 0], InputError, "a sample of 0 images"),
        (["--images", "9:3"], InputError, "expected 0 <= A < B"),
        (["--out", "few.npz"], RunError, "is a file: choose a folder"),
    ],
)
def test_wrong_use_is_one_sentence(arguments, error, said, explain):
    told = explain(*arguments)
    assert isinstance(told.exception, TfstabError), told.output
    assert isinstance(told.exception, error) and said in str(told.exception)


def test_inspect_names_the_explained_images(tmp_path):
    few = dataset(3)
    named = replace(few, names=file_names(["a.png", "b/c.png", "d.png"]))
    for data, listed in ((few, ["0", "1", "2"]), (named, ["a.png", "b/c.png", "d.png"])):
        folder = tmp_path / listed[0]
        run_explanation(classifier(), data, ExplanationConfig(only=("copies",), copies=4, max_queries=100), folder)
        told = CliRunner().invoke(app, ["inspect", str(folder)])
        assert f"Explained images: {', '.join(listed)}\n" in told.stdout
