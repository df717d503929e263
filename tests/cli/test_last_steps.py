"""What commands do first and last: refuse before the work, hint at another use, and tell an observer what was made."""

import signal
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from numpy_runs import NAMES, classifier, dataset
from typer.testing import CliRunner

from made_runs import made_explanation
from processes import refused, tfstab_here
from tfstab.assessment.opened import Assessment
from tfstab.cli import assess, desktop_entry, view
from tfstab.cli import explain as explain_module
from tfstab.cli import inspect as inspect_module
from tfstab.cli.app import app
from tfstab.cli.observing import observed_by
from tfstab.errors import InputError, ModelError
from tfstab.orders import model as models


class Recorder:
    """An observer that keeps what was made, what was said, and the last state of each bar."""

    def __init__(self):
        self.results, self.said, self.bars = [], [], {}

    def progress(self, what, done, total, unit, note):
        self.bars[what] = (done, total, unit, note)

    def remark(self, text):
        self.said.append(text)

    def made(self, what, path):
        self.results.append((what, str(path)))


@pytest.fixture
def command(tmp_path, monkeypatch):
    """command(*arguments) -> what an observer is told by a command on nine images; command.loaded: the models."""
    few = dataset()
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    monkeypatch.chdir(tmp_path)

    def load(name, **_):
        run.loaded.append(name)
        return classifier()

    monkeypatch.setattr(models, "load_classifier", load)

    def run(name, *arguments):
        with observed_by(seen := Recorder()):
            told = CliRunner().invoke(app, [name, "mnist-lenet", "few.npz", *map(str, arguments)])
        if told.exception is not None and not isinstance(told.exception, SystemExit):
            raise told.exception
        return seen, told.stdout

    run.loaded = []
    return run


TAKEN_FOR = ("brightness: ", "few.npz: 9 images, 3 classes")


@pytest.mark.parametrize(
    ("name", "options", "results", "bars"),
    [
        ("sweep", ["--sigmas", "5,9", "--copies", 2], [("run", "x")],
         {"Noise sweep": (36, 36, "images", "")}),
        ("sweep", ["--degradation", "fog,jpeg", "--copies", 1], [("run", "x")],
         {"2 sweeps": (90, 90, "images", "2 of 2"), "JPEG compression sweep": (45, 45, "images", "")}),
        ("search", ["--max-queries", 100], [("run", "x")], {"minimum noise": (9, 9, "images", "")}),
        ("explain", ["--only", "copies", "--copies", 2], [("report", "x/report.html")],
         {"explanation": (9, 9, "images", "")}),
        ("evaluate", [], [("folder", "x")], {}),
    ],
)  # fmt: skip
def test_an_observer_is_told_what_was_made_of_which_images(name, options, results, bars, command):
    seen, _ = command(name, *options, "--out", "x")
    assert seen.results == results
    assert not any(line.startswith(TAKEN_FOR) for line in seen.said)  # the form of the run has shown them already
    assert {title: seen.bars[title] for title in bars} == bars


# --- wrong use ---


HINTS = ["give --minutes 1 instead; see", "give model and data without options, as in"]


@pytest.mark.parametrize(
    ("arguments", "hint", "see"),
    [
        (["explain", "--no-such"], None, "explain"), (["explain", "--quick"], HINTS[0], "explain"),
        (["inspect", "a", "--quick"], None, "inspect"), (["inspect", "a", "--no-such"], None, "inspect"),
        (["explain", "--model", "a"], HINTS[1], "explain"),
        (["datasets", "b"], None, "datasets"), (["serach"], None, ""),
    ],
)  # fmt: skip
def test_a_wrong_command_says_what_to_give_instead(arguments, hint, see):
    told = refused(tfstab_here(*arguments))
    assert [one for one in HINTS if one in told] == ([] if hint is None else [hint])
    assert told.endswith(" ".join(["tfstab", *see.split(), "--help."]))
    assert ("? See " if see == "" else "; see " if hint else ": see ") in told


@pytest.mark.parametrize(("argument", "shown"), [("\udcff", r"\udcff"), ("a\0b", r"a\x00b")])
def test_an_argument_that_is_no_text_is_refused(argument, shown):
    said = refused(tfstab_here(argument))
    assert said == f"tfstab: '{shown}' is not UTF-8 text: rename the file or folder, or give another."


def test_without_a_command_the_help_is_shown():
    told = tfstab_here()
    assert told.returncode == 2 and "Usage" in told.stdout + told.stderr and "assess" in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--minutes", -1], "minutes is -1"), (["--out", "few.npz"], "is a file: choose a folder"),
        (["--copies", 1], "copies is 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_explanation_is_said_before_the_model_is_loaded(options, said, command):
    with pytest.raises(Exception, match=said):
        command("explain", *options)
    assert command.loaded == []


def test_outcomes_are_not_written_to_a_name_that_is_no_text(monkeypatch, tmp_path):
    monkeypatch.setattr(assess, "assess_and_show", lambda *_, **__: pytest.fail("the work has begun"))
    for name, said in (("a\udcff.xml", "it is not UTF-8"), ("a" * 300, "a name in it has 300 bytes")):
        options = ["--require", "fog:50", "--junit", str(tmp_path / name)]
        with pytest.raises(InputError, match=said):
            raise CliRunner().invoke(app, ["assess", "mnist-lenet", "mnist-5k", *options]).exception
    with pytest.raises(ModelError, match=r"does not exist: give a \.keras, \.onnx or \.tflite file"):
        raise CliRunner().invoke(app, ["assess", "no.keras", "mnist-5k"]).exception


# --- assessments and explanations ---


def test_a_question_is_not_part_of_the_time(monkeypatch):
    """If the person decides to go on, the time of the assessment starts again after the answer."""
    given = []
    monkeypatch.setattr(assess, "_assess", lambda subject, settings: given.append(settings))
    monkeypatch.setattr(assess, "unless_wrong", lambda work, as_is: (work(as_is), work(True)))
    assess.assess_and_show(None, 3, began=7.0)
    first, after_the_answer = given
    assert (first["as_is"], first["began"], first["minutes"], first["cluster"]) == (False, 7.0, 3, None)
    assert after_the_answer == first | {"as_is": True, "began": None}
    assess.assess_and_show(None, 3, began=7.0, as_is=True)
    assert given[2] == given[3] == first | {"as_is": True}


@pytest.mark.parametrize(("output", "errors"), [(True, False), (False, True), (False, False)])
def test_an_assessment_is_printed_with_its_table_if_no_live_table_was_shown(
    output, errors, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "runs"
    sweep_of(folder, "fog", first_of((1, 0.5, 0), 4), name="made")
    for name, terminal in (("standard_output", output), ("err", errors)):
        monkeypatch.setattr(assess, name, SimpleNamespace(is_terminal=terminal))
    assessment = Assessment(folder)
    with observed_by(seen := Recorder()):
        assess.print_assessment(assessment)
    assert seen.results == [("run", str(folder)), ("report", str(assessment.report))]
    verdict, empty, title = capsys.readouterr().out.partition("\n\nWhat each degradation leaves")
    assert verdict == f"\n{assessment.summary()}" and empty and title


def test_what_an_explanation_ends_with(command, monkeypatch):
    proposed = []
    monkeypatch.setattr(explain_module, "print_next", lambda subject, explained: proposed.append(explained))
    _, told = command("explain", "--only", "copies", "--copies", 2, "--images", 3, "--out", "x")
    assert [(str(run.path), len(run.rows)) for run in proposed] == [("x", 1)]
    assert "need at least two images" not in told, "layers were not asked for"
    assert "Explained images: 3\n" in command_inspect("x")


def command_inspect(*arguments):
    told = CliRunner().invoke(app, ["inspect", *map(str, arguments)])
    assert told.exit_code == 0, told.output
    return told.stdout + told.stderr


def test_an_explanation_is_drawn(tmp_path):
    run = made_explanation(tmp_path / "x", np.linspace(0.1, 0.5, 4))
    told = command_inspect(run.path, "--out", tmp_path / "a.svg")
    assert f"written to {tmp_path / 'a.svg'}\n" in told and "<svg" in (tmp_path / "a.svg").read_text("utf-8")
    for part in run.parts.values():
        part.unlink()
    assert command_inspect(run.path).endswith("Explained images: none yet\n")


def test_a_figure_that_cannot_be_written_is_refused_before_anything_is_printed(tmp_path):
    run = sweep_of(tmp_path, "fog", first_of((1, 0.5, 0), 4)).path
    told = CliRunner().invoke(app, ["inspect", str(run), "--image", "1", "--out", str(tmp_path / "a.txt")])
    assert isinstance(told.exception, InputError) and told.stdout == ""
    (tmp_path / "file").touch()
    told = CliRunner().invoke(app, ["inspect", str(run), "--out", str(tmp_path / "file")])
    assert "file" in str(told.exception) and told.stdout == ""
    told = CliRunner().invoke(app, ["report", str(run), "--out", str(tmp_path / "file")])
    assert "file" in str(told.exception) and told.stdout == ""


def test_the_sweep_in_which_most_copies_of_an_image_fail_is_drawn(tmp_path):
    """Of image 1, one copy of three fails under fog, two under JPEG compression, none under noise."""
    for family, shares, severities in (
        ("fog", (1, 1, 0), (20, 40, 60)), ("jpeg", (1, 0, 0), (60, 40, 20)), ("gaussian_noise", (1, 1, 1), (5, 6, 7)),
    ):  # fmt: skip
        sweep_of(tmp_path / "three", family, first_of(shares, 4), severities, name="made")
    told = command_inspect(tmp_path / "three", "--image", 1, "--out", tmp_path / "a.png")
    assert "jpeg drawn into" in told and (tmp_path / "a.png").stat().st_size > 1000
    sweep_of(tmp_path / "one", "fog", first_of((1, 1, 0), 4), name="made")
    told = command_inspect(tmp_path / "one", "--image", 1)
    assert "Image 1 " in told and "Where its degraded copies fail" in told
    with pytest.raises(InputError, match=rf"or name a run, such as {tmp_path / 'one' / 'fog'}\."):
        raise CliRunner().invoke(app, ["inspect", str(tmp_path / "one"), "--out", "a.png"]).exception


def test_a_sweep_whose_images_cannot_be_made_again_says_so(tmp_path, monkeypatch):
    run = sweep_of(tmp_path, "fog", first_of((1, 0.5, 0), 4)).path
    for notes, said in ((["Changed."], "Changed.\n"), ([], "")):
        monkeypatch.setattr(inspect_module, "changed_notes", lambda runs, notes=notes: notes)
        for options in ([], ["--image", "1"]):
            assert CliRunner().invoke(app, ["inspect", str(run), *options]).stderr == said


# --- the viewer ---


def test_windows_and_macos_always_have_a_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for platform, there in (("win32", True), ("darwin", True), ("linux", False)):
        monkeypatch.setattr(view, "sys", SimpleNamespace(platform=platform))
        assert view.has_display() is there


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_a_viewer_that_is_to_outlive_its_terminal_is_not_ended(monkeypatch, tmp_path):
    """As under nohup, which lets SIGHUP be ignored."""
    run = sweep_of(tmp_path, "fog", first_of((1, 0.5, 0), 4)).path
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.setattr(view, "viewer_command", lambda runs, imports: ["sh", "-c", "kill -HUP $PPID; exit 5"])
    heard = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert tfstab_here("view", run).returncode == 5
    finally:
        signal.signal(signal.SIGHUP, heard)


def test_the_entry_in_the_menu_names_the_program_in_full(monkeypatch, tmp_path):
    for name, value in (("XDG_DATA_HOME", ""), ("HOME", tmp_path), ("PATH", tmp_path)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(desktop_entry, "sys", SimpleNamespace(platform="linux", executable=str(tmp_path / "python")))
    entry = tmp_path / ".local/share/applications/tfstab-viewer.desktop"
    here, beside = tmp_path / "elsewhere", tmp_path / "tfstab-viewer"
    for program, words in ((None, f"{tmp_path / 'python'} -P -m tfstab.gui"), (beside, str(beside))):
        if program:
            program.touch(0o755)
        assert desktop_entry.install_desktop_entry()[0] == entry
        assert f"\nExec={words} %F\n" in entry.read_text("utf-8")
    here.mkdir()
    beside.rename(here / beside.name)
    monkeypatch.setenv("PATH", str(here))
    desktop_entry.install_desktop_entry()
    assert f"\nExec={here / beside.name} %F\n" in entry.read_text("utf-8")
