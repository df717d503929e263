"""Numbers, bars and tables of commands by value, at the ends of ranges."""

import json
import textwrap
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from numpy_runs import classifier, dataset
from rich.console import Console
from rich.progress import Progress as Bar
from typer.testing import CliRunner

from made_runs import made_search
from tfstab import Classifier, open_run
from tfstab.assessment.results import RESULTS
from tfstab.cli import data as data_module
from tfstab.cli import evaluate as evaluate_module
from tfstab.cli import explain as explain_module
from tfstab.cli import guide as guide_module
from tfstab.cli import inspect as inspect_module
from tfstab.cli import inspect_assessment, sweep_output
from tfstab.cli.app import app
from tfstab.cli.harden import _Watch
from tfstab.cli.image_details import print_details
from tfstab.cli.report import _explanations_beside
from tfstab.cli.workload import clean_speed
from tfstab.degradations import degradation_names, get_degradation
from tfstab.errors import InputError
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.running import Progress
from tfstab.guide import get_page
from tfstab.guide.finding import Place
from tfstab.models import bundled_card, bundled_names
from tfstab.orders import model as models
from tfstab.report.harden_progress import HardenProgress
from tfstab.report.tables import Table
from tfstab.search.progress import SearchProgress
from tfstab.sweep.progress import SweepProgress


def test_the_bars_of_a_hardening():
    bar = Bar(disable=True)
    watch = _Watch(bar)

    def bars():
        return [(t.description, t.completed, t.total, t.fields["unit"], t.fields["note"]) for t in bar.tasks]

    watch.on_progress(HardenProgress("training", "training"))
    assert bars() == [("training", 0, None, "steps", "")]
    watch.on_progress(HardenProgress("training", "fog", 3, 8))
    assert bars() == [("training", 3, 8, "steps", "fog")]
    watch.on_progress(HardenProgress("training", "fog", 4, 8, 0.9876))
    assert bars() == [("training", 4, 8, "steps", "clean validation accuracy 98.8 %")]
    watch.on_progress(HardenProgress("training", "fog", 5, 8, 0.0))
    assert bars() == [("training", 5, 8, "steps", "clean validation accuracy 0.0 %")]
    watch.on_progress(HardenProgress("measuring", "jpeg", 9, 9))
    watch.on_progress(HardenProgress("measuring", "minimum noise"))
    cut_short = "(all that there was time for)"
    before = [("training", 5, 8, "steps", cut_short), ("measuring", 9, 9, "images", "")]
    assert bars() == [*before, ("minimum noise", 0, None, "images", "")]
    watch.on_progress(HardenProgress("report", "figures", 4, 4))
    assert bars() == [*before, ("minimum noise", 1, 1, "images", ""), ("report", 4, 4, "", "figures")]
    watch.finish()
    assert bars()[-1] == ("report", 4, 4, "", "")
    other = _Watch(Bar(disable=True))
    other.on_progress(HardenProgress("remedies", "smoothing"))
    assert other.bar.tasks[0].fields["unit"] == "%"


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (HardenProgress("training", "training"), "training"),
        (
            HardenProgress("training", "mixture", 30, 1200, 0.912),
            "training: mixture, 30 of 1,200 steps, clean validation accuracy 91.2 %",
        ),
        (HardenProgress("remedies", "smoothing", 30, 100), "remedies: smoothing, 30 %"),
        (HardenProgress("measuring", "fog", 3, 2400), "measuring: fog, 3 of 2,400 images"),
        (HardenProgress("report", ""), "report"),
        (SweepProgress(0, 1000, 3, 500), "3 of 500 clean images"),
        (SweepProgress(3, 1000), "3 of 1,000 degraded images"),
        (
            SearchProgress(3, 5, 2000, 0.3, 0.2, 12.345, True, 0.4, np.zeros((2, 2, 1), np.float32)),
            "image 3, generation 5: misclassified at a norm of 12.35, 2,000 queries",
        ),
        (Progress("layers", 3.5, 10.0), "layers: 35 %"),
    ],
)
def test_progress_is_printed_as_one_line(progress, line):
    assert str(progress) == line


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([(0, 0.0), (10, 0.1)], True),  # 90 s left after a tenth
        ([(0, 0.0), (10, 0.09)], False),
        ([(0, 0.0), (60, 0.01)], True),  # or after a minute
        ([(0, 0.0), (59, 0.01)], False),
        ([(0, 0.0), (20, 0.5)], True),  # 20 s left
        ([(0, 0.0), (19, 0.5)], False),
        ([(0, 0.5), (90, 0.5)], False),  # nothing was done since
        ([(0, 0.5), (40, 0.75)], True),  # 40 s left: what was done before does not count
        ([(30, 0.0), (35, 0.1), (36, 0.1)], True),
    ],
)
def test_when_the_rest_of_an_explanation_is_estimated(steps, said, monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(explain_module, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    watch = explain_module.ExplanationWatch(Bar(disable=True), 8)
    for now[0], share in steps:
        watch.on_progress(Progress("copies", 1000 * share, 1000))
    assert capsys.readouterr().err.count("at most about ") == said


@pytest.mark.parametrize(("images", "shown"), [(2, "0, 1"), (3, "0, 1, ...; --json lists all")])
def test_the_first_explained_images_are_named(images, shown, tmp_path, monkeypatch):
    monkeypatch.setattr(inspect_module, "LISTED", 2)
    config = ExplanationConfig(only=("copies",), copies=2, max_queries=100)
    run_explanation(classifier(), dataset(9).select(np.arange(images)), config, tmp_path / "run", as_is=True)
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "run")])
    assert told.stdout.endswith(f"Explained images: {shown}\n")
    answer = json.loads(CliRunner().invoke(app, ["inspect", str(tmp_path / "run"), "--json"]).stdout)
    assert answer["explained"] == [str(k) for k in range(images)]
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "run"), "--out", str(tmp_path / "x.txt")])
    assert isinstance(told.exception, InputError) and told.stdout == "", "refused before anything is printed"


def test_what_the_lists_say_of_each_network_and_degradation(monkeypatch):
    printed = []
    monkeypatch.setattr(data_module, "print_table", printed.append)
    data_module.models()
    (table,) = printed
    for row, name in zip(table.rows, bundled_names(), strict=True):
        card = bundled_card(name)
        assert row[:3] == (name, f"{card['parameters']:,}", 100 * card["accuracy"]["test"]["accuracy"])
        assert row[3].startswith(f"{card['data']['training']['images']:,} images: ")
    families = json.loads(CliRunner().invoke(app, ["degradations", "--json"]).stdout)
    assert [one["name"] for one in families] == degradation_names()
    for one in families:
        family = get_degradation(one["name"])
        assert one["severities"] == list(family.severities)
        assert all(one[key] == getattr(family, key) for key in one if key != "severities")


def test_scores_are_printed_with_three_digits_and_a_summary_first(capsys):
    digits = {"mean true score": 3, "least": 3}
    shares = Table("Shares", ("what", "mean true score", "least"), [("a", 0.25, 0.125)], digits=digits)
    other = Table("Other", ("what", "least"), [("a", 0.5)])
    print_details([shares, other], "First.\nSecond.", None, False)
    told = capsys.readouterr().out
    assert told.startswith("First.\nSecond.\n\n") and "0.250" in told and "0.125" in told and "0.5" in told
    print_details([shares], "", None, False)
    assert capsys.readouterr().out.startswith("Shares")
    print_details([shares, other], "First.\nSecond.", None, True)
    assert json.loads(capsys.readouterr().out) == {
        "summary": ["First.", "Second."], "Shares": shares.records(), "Other": other.records(),
    }  # fmt: skip
    print_details([other], "", None, True)
    assert json.loads(capsys.readouterr().out) == {"Other": [{"what": "a", "least": 0.5}]}


@pytest.mark.parametrize(("classes", "confusion"), [(3, True), (4, False)])
def test_a_wide_confusion_matrix_is_not_printed(classes, confusion, monkeypatch, tmp_path):
    monkeypatch.setattr(evaluate_module, "LARGEST_CONFUSION", 3)
    names = tuple("abcd"[:classes])

    def level(images):
        return np.eye(classes)[np.minimum(images.mean(axis=(1, 2, 3)) // 64, classes - 1).astype(int)]

    made = Classifier.from_function(level, (2, 2, 1), classes, fingerprint="level", class_names=names)
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: made)
    pixels = np.repeat(np.arange(30, 256, 64).astype(np.uint8)[:classes], 4).reshape(-1, 2, 2, 1)
    np.savez(tmp_path / "few.npz", images=pixels, labels=np.arange(classes), class_names=np.array(names))
    told = CliRunner().invoke(app, ["evaluate", "--model", "mnist-lenet", "--data", str(tmp_path / "few.npz")])
    assert told.exit_code == 0 and ("Confusion" in told.stdout) == confusion


def test_the_speed_is_measured_on_the_second_batch(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tfstab.cli.workload.time", SimpleNamespace(perf_counter=lambda: now[0]))
    seen = []

    def function(images):
        seen.append(images[:, 0, 0, 0].tolist())
        now[0] += 4.0 if len(seen) == 1 else 0.5
        return np.full((len(images), 3), 1 / 3)

    slow = Classifier.from_function(function, (2, 2, 1), 3, fingerprint="slow", batch_size=5)
    pixels = np.arange(3, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    assert clean_speed(slow, pixels) == 10 and seen == [[0, 1, 2, 0, 1]] * 2
    assert clean_speed(slow, np.repeat(pixels, 4, axis=0)) == 10 and seen[-1] == [0, 0, 0, 0, 1]


def test_the_explanation_beside_an_assessment_is_reported_once(tmp_path, monkeypatch):
    """Two assessments are beside one explanation, a third one has its own, and of a folder of runs there is none."""
    asked = []

    def beside(path, own):
        asked.append((path.name, [run.path.name for run in own]))
        return SimpleNamespace(path=tmp_path / "explanation", kind="explanation")

    monkeypatch.setattr("tfstab.assessment.explanation_beside.explanation_beside", beside)
    paths = [tmp_path / name for name in ("one", "two", "own", "runs")]
    for path in paths:
        path.mkdir()
    for path in paths[:3]:
        (path / RESULTS).touch()
    runs = [SimpleNamespace(path=path / "fog", kind="sweep") for path in paths]
    inside = SimpleNamespace(path=tmp_path / "own" / "explanation", kind="explanation")
    (found,) = _explanations_beside(paths, [*runs, inside])
    assert found.path == tmp_path / "explanation"
    assert asked == [("one", ["fog"]), ("two", ["fog"]), ("own", ["fog", "explanation"])]
    assert _explanations_beside(paths[:1], [*runs, found]) == [], "it was named itself"
    assert _explanations_beside(paths[2:], [*runs, inside]) == []


def test_a_search_that_goes_on_measures_no_speed(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: classifier())
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(few.class_names))
    command = ["search", "--model", "mnist-lenet", "--data", str(tmp_path / "few.npz"), "--max-queries", "100"]
    command += ["--images", "2:4", "--out", str(tmp_path / "run"), "--precision", "7", "--minutes", "5"]
    work = "minimum noise of 2 images: at most 201 degraded images of each; "
    stops = "stops at a median noise within 7 %; stops after 5 min\n"
    scoring = "scoring so many takes about 1 s at the speed of the clean images, without the search's own work"
    assert f"{work}{scoring}; {stops}" in CliRunner().invoke(app, command).stderr
    assert f"{work}{stops}" in CliRunner().invoke(app, command).stderr


def test_an_unfinished_run_is_said_unless_an_assessment_left_it_so(tmp_path):
    run = sweep_of(tmp_path / "runs", "fog", first_of((1, 0.5, 0), 4))
    next(iter(run.parts.values())).unlink()
    command = ["report", str(run.path), "--out", str(tmp_path / "page")]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0 and f"{run.path} is not finished and has" in told.stderr
    page = tmp_path / "page" / "report.html"
    assert told.stdout == f"written: {page}\n" and "Not finished: fog has" in page.read_text("utf-8")
    (tmp_path / "runs" / RESULTS).write_text("{}")
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0 and "is not finished" not in told.stderr
    assert "Not finished" not in page.read_text("utf-8")


def test_one_image_of_an_assessment_by_hand(tmp_path, monkeypatch):
    """The clean facts come once; of copies that never fail, a dash says as what; image 3 is not in the search."""
    folder, printed = tmp_path / "runs", []
    sweep_of(folder, "fog", first_of((1, 1, 0.5), 4), name="made")
    sweep_of(folder, "jpeg", first_of((1, 0.5, 0), 2), (60, 40, 20), name="made")
    made_search(folder / "search", np.array([20.0, 30]), labels=[0, 1], name="made")
    monkeypatch.setattr(inspect_assessment, "print_details", lambda tables, *_: printed.extend(tables))
    inspect_assessment.inspect_assessment(folder, "1", False, None, None)
    clean, failing, noise = printed
    assert clean.title == "Image 1" and len(clean.rows) == 3 and noise.title == "Minimum noise"
    assert failing.columns[:2] == ("degradation", "a copy fails at")
    rows = {row[0]: row[1:] for row in failing.rows}
    assert rows["fog"] == ("never fails", "–") and rows["JPEG compression"][0].startswith("quality 40")
    printed.clear()
    inspect_assessment.inspect_assessment(folder, "3", False, None, None)
    assert [table.title for table in printed] == ["Image 3", "Where its degraded copies fail"]
    assert [row[:2] for row in printed[1].rows] == [("fog", "density 60 %")]


@pytest.mark.parametrize("count", [2, 3])
def test_places_of_the_guide_are_listed_up_to_the_most(count, monkeypatch):
    monkeypatch.setattr(guide_module, "MOST", 2)
    page = get_page("numbers")
    places = [
        Place(page, page.title, "", "Begins here"),
        Place(page, "A term", "a-term", ""),
        Place(page, "B", "b", "x"),
    ]
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(guide_module._listed(places[:count]))
    more = "These are the first 2 of 3 places. " if count == 3 else ""
    said = f"{more}Read a page with tfstab guide TOPIC, a section with tfstab guide HEADING."
    assert [line.rstrip() for line in captured.get().splitlines()] == [
        "numbers", "    Begins here", "", "numbers: A term", "", *textwrap.wrap(said, 80),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("taken", "there", "said"),
    [(4, 9, "sample of 4 of 9 images"), (4, None, "sample of 4 images"), (4, 4, ""), (3, 9, "")],
)
def test_a_sample_is_said_to_be_one(taken, there, said, monkeypatch, capsys):
    monkeypatch.setattr(explain_module, "MOST_IMAGES", 4)
    monkeypatch.setattr(explain_module, "count_images", lambda data, split: there)
    explain_module._remark_on_sample(SimpleNamespace(dataset=dataset(taken)), "data", "test")
    told = capsys.readouterr().err
    assert (said in told) if said else told == ""


def test_settings_of_a_sweep_that_are_for_one_degradation(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: classifier())
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(few.class_names))
    command = ["sweep", "--model", "mnist-lenet", "--data", str(tmp_path / "few.npz"), "--images", "2:4"]
    for option in (["--preset", "paper"], ["--no-clip"], ["--sigmas", "5"]):
        with pytest.raises(InputError, match="expected none of --severities, --sigmas, --preset, --common-noise and"):
            raise CliRunner().invoke(app, [*command, "--degradation", "fog,jpeg", *option]).exception
    printed = []
    monkeypatch.setattr(sweep_output, "print_table", printed.append)
    for option, clip in (([], True), (["--no-clip"], False)):
        out = tmp_path / str(clip)
        told = CliRunner().invoke(app, [*command, "--sigmas", "5", "--copies", "1", "--out", str(out), *option])
        assert told.exit_code == 0 and open_run(out).config.clip == clip
    assert "In %: precision, recall, recall from, recall to." in printed[1].notes
