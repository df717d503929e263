"""What commands ask in a terminal, and what they tell an observer in its place."""

import io
import os
import pty
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from rich.console import Console

from tfstab.assessment.lines import PlainLines
from tfstab.assessment.state import AssessmentState
from tfstab.cli import live_table, wrong_inputs
from tfstab.cli.app import run
from tfstab.cli.live_table import shown_assessment
from tfstab.cli.observing import made, observed_by, observer
from tfstab.cli.output import progress_bar, remark, remark_on, remarks
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.errors import InputError, RunError, WrongInputsError
from tfstab.orders.step import Step
from tfstab.runs.together import SIDES


class Recorder:
    """An observer that keeps what it is told."""

    def __init__(self):
        self.told = []

    def progress(self, *state):
        self.told.append(state)

    def assessment(self, state):
        self.told.append(state)

    def remark(self, text):
        self.told.append(text)

    def made(self, what, path):
        self.told.append((what, path))


def test_an_observer_gets_only_the_notes_on_model_and_images_of_which_a_terminal_shows_all(capsys):
    subject = SimpleNamespace(taken_for=("my: 28 x 28 x 1", "digits: 9 images", "note: these are too few"))
    remark_on(subject)
    assert capsys.readouterr().err.splitlines() == list(subject.taken_for)
    with observed_by(seen := Recorder()):
        remark_on(subject)
    assert seen.told == ["note: these are too few"] and not capsys.readouterr().err


def test_an_observer_gets_what_a_terminal_would_show_and_nothing_is_printed(capsys):
    state = AssessmentState("clean", 300, 9)
    with observed_by(seen := Recorder()):
        with progress_bar() as bar:
            first = bar.add_task("search", total=None, unit="images", note="")
            second = bar.add_task("sweep", total=9)
            bar.update(first, total=20, completed=3, note="cat.png")
            bar.advance(second)
            bar.advance(second, 2)
            hidden = bar.add_task("later", total=1, visible=False)
            bar.update(hidden, completed=1)
            bar.update(hidden, visible=True)
        remark("a line")
        made("report", Path("report.html"))
        with shown_assessment() as show:
            show(state)
    assert seen.told == [
        ("search", 0, None, "images", ""), ("sweep", 0, 9, "", ""), ("search", 3, 20, "images", "cat.png"),
        ("sweep", 1, 9, "", ""), ("sweep", 3, 9, "", ""), ("later", 1, 1, "", ""),
        "a line", ("report", Path("report.html")), state,
    ]  # fmt: skip
    assert observer() is None and capsys.readouterr() == ("", "")
    made("report", Path("report.html"))  # to nobody
    with shown_assessment() as show:
        assert isinstance(show, PlainLines)


@pytest.fixture
def terminal(monkeypatch):
    """terminal(module) -> the text that the module prints from then on, as on a terminal."""

    def of(module):
        shown = io.StringIO()
        monkeypatch.setattr(module, "err", Console(file=shown, force_terminal=True, width=80, color_system=None))
        return shown

    return of


def typed(text, monkeypatch):
    """Let standard input be a terminal at which this was typed."""
    master, slave = pty.openpty()
    os.write(master, text.encode())
    monkeypatch.setattr(sys, "stdin", os.fdopen(slave))
    return master


def work(as_is):
    if not as_is:
        raise WrongInputsError("The inputs seem wrong.", "Write it down.")
    warnings.warn("The inputs seem wrong.", stacklevel=1)
    warnings.warn("Another note.", stacklevel=1)
    return "measured"


@pytest.mark.parametrize("answer", ["y", " YES "])
def test_a_user_who_knows_better_goes_on_and_reads_the_note_once(answer, terminal, monkeypatch, capsys):
    shown, master = terminal(wrong_inputs), typed(f"{answer}\n", monkeypatch)
    with remarks():
        assert unless_wrong(work, False) == "measured"
    os.close(master)
    assert "Measure the model anyway? [y/N] " in capsys.readouterr().out + shown.getvalue()


@pytest.mark.parametrize("answer", ["n\n", "\n", "yesterday\n", "\x04"])
def test_any_other_answer_ends_the_command(answer, terminal, monkeypatch):
    terminal(wrong_inputs)
    master = typed(answer, monkeypatch)
    with pytest.raises(typer.Exit) as ended:
        unless_wrong(work, False)
    os.close(master)
    assert ended.value.exit_code == 2


def test_the_note_is_printed_before_the_question_and_not_again(terminal, monkeypatch, capsys):
    terminal(wrong_inputs)
    master = typed("y\n", monkeypatch)
    with remarks():
        unless_wrong(work, False)
    os.close(master)
    told = capsys.readouterr().err
    assert told.startswith("The inputs seem wrong.\n") and told.count("wrong") == 1 and "note: Another note." in told


@pytest.mark.parametrize("seen", [False, True])
def test_without_a_terminal_nobody_is_asked(seen, terminal, monkeypatch):
    if seen:  # inside another program that has one
        terminal(wrong_inputs)
        master = typed("y\n", monkeypatch)
        with observed_by(Recorder()), pytest.raises(WrongInputsError):
            unless_wrong(work, False)
        os.close(master)
    else:
        with pytest.raises(WrongInputsError):
            unless_wrong(work, False)


def test_the_live_table_vanishes_if_the_assessment_fails(terminal):
    shown = terminal(live_table)
    state = AssessmentState("clean", 300, 9, ("my: 28 x 28 x 1",))
    with shown_assessment() as show:
        show(state)
    kept = shown.getvalue()
    assert "my: 28 x 28 x 1" in kept and not kept.endswith("\x1b[2K")
    shown.seek(shown.truncate(0))
    with pytest.raises(RunError), shown_assessment() as show:
        show(state)
        raise RunError("The disk is full.")
    assert "my: 28 x 28 x 1" in shown.getvalue() and shown.getvalue().endswith("\x1b[1A\x1b[2K")


def test_a_command_that_another_program_runs_returns_its_exit_code(capsys):
    assert run(["guide", "limits"]) == 0
    with pytest.raises(InputError, match=r"^No such option: --no-such\.$"):
        run(["guide", "--no-such"])
    assert "What tfstab cannot say" in capsys.readouterr().out


def test_a_hardening_without_a_file_says_why(capsys, tmp_path, monkeypatch):
    from tfstab.cli.harden import _print

    monkeypatch.setattr("tfstab.report.hardening_advice.advice", lambda hardening: ["This.", "That."])
    told, folder = [], Path("my runs")
    net = tmp_path / "my net.keras"
    for model, unchanged, whole in (
        (net, False, False), (None, True, False), (None, False, False), (net, True, False), (net, False, True)
    ):  # fmt: skip
        hardening = SimpleNamespace(
            model=model, card={"remedy": {"name": "mixture"}}, summary=lambda: "It is better.",
            comparison=None if unchanged else SimpleNamespace(families=()),
            report=tmp_path / "report.html", path=folder,
            goes_on=bool(model) and not unchanged, all_compared=whole, larger=(),
            control=(Step(["compare", "a", "b"], "a control"),) if model else (),
        )  # fmt: skip
        with observed_by(seen := Recorder()):
            _print(hardening, ["harden", "net"])
        measured = [] if unchanged else [("run", folder / side) for side in reversed(SIDES)]
        made = [("model", model)] if model and not unchanged else []
        assert seen.told == [*made, ("report", tmp_path / "report.html"), *measured]
        told.append(capsys.readouterr().out.splitlines())
    runs = " ".join(f"'{folder / side}'" for side in SIDES)
    own = f"tfstab inspect '{folder / SIDES[1]}' PICTURE --class=NAME"
    one = f"tfstab compare {' '.join(repr(str(folder / side)) for side in SIDES)} --class=NAME"
    alone = f"tfstab report '{folder / SIDES[1]}' '--out={folder / SIDES[1]}.html'"
    wide = max(len(alone), len(one))
    assert told[0] == [
        "", "It is better.", "", f"model:  {net}", f"report: {tmp_path / 'report.html'}",
        f"runs:   {runs}; look at them with: tfstab view {runs}",
        f"next:   {'tfstab harden net':{wide}}   # a more precise comparison, without training again",
        f"        {alone:{wide}}   # a report on the hardened model alone, from its images in the comparison",
        f"        {one:{wide}}   # recall and false alarms of a class that matters most to you, before and after",
        f"        {own:{wide}}   # what the hardened model makes of a picture of your own, or of a folder "
        "of them",
        f"        {'tfstab compare a b':{wide}}   # a control", "        This.", "        That.",
    ]  # fmt: skip
    assert all(lines[-2:] == ["next:   This.", "        That."] for lines in told[1:3])
    assert told[3][-3:] == ["next:   tfstab compare a b   # a control", "        This.", "        That."]
    more = "the minimum noise of more images; other intervals hardly narrow, as all images are compared already"
    assert told[4][9:11] == [told[0][10], f"        {'tfstab harden net':{wide}}   # {more}"] and len(told[4]) == 13
    assert [lines[3] for lines in told[1:4]] == [
        "model:  not written, as the original was left unchanged",
        "model:  not written, as it cannot be saved as a .keras file",
        f"model:  the original; {net} has the same weights",
    ]
