"""What commands print, ask and tell an observer: in terminals, through a pager, and inside another program."""

import io
import json
import os
import pty
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from assessment_runs import first_of, sweep_of
from rich.console import Console
from typer.testing import CliRunner

from made_runs import made_search, made_sweep
from processes import refused, tfstab_here
from tfstab import SweepConfig, open_run
from tfstab.assessment.lines import PlainLines
from tfstab.assessment.opened import Assessment
from tfstab.assessment.state import AssessmentState
from tfstab.cli import assess, demo, live_table, output, wrong_inputs
from tfstab.cli.app import app, run
from tfstab.cli.live_table import shown_assessment
from tfstab.cli.next_steps import ALIGNED, print_steps
from tfstab.cli.observing import made, observed_by, observer
from tfstab.cli.output import print_json, print_table, progress_bar, remark, remark_on, remarks
from tfstab.cli.wrong_inputs import unless_wrong
from tfstab.errors import InputError, RunError, WrongInputsError
from tfstab.orders.shell import command
from tfstab.orders.step import Step
from tfstab.report.assess import Interrupted
from tfstab.report.tables import Table
from tfstab.report.wrong_images import wrong_table
from tfstab.runs import CleanImages
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


def test_a_long_table_is_cut_off_and_says_so(capsys):
    table = Table("Images", ("image",), [(k,) for k in range(1100)], ("A note.",))
    print_table(table, 1000)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[-4:] == ["", "The first 1,000 of 1,100; --json prints all.", "A note.", ""] and "999" in lines
    assert "1000" not in lines
    print_table(table, 1100)
    assert "The first" not in (whole := capsys.readouterr().out) and "1099" in whole


def test_json_is_text_that_every_reader_takes(capsys):
    print_json({"größe": [1, None]})
    assert capsys.readouterr().out == '{\n  "größe": [\n    1,\n    null\n  ]\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json(float("nan"))


# --- terminals ---


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


class Terminal(io.StringIO):
    """A text that says that it is a terminal."""

    def isatty(self):
        return True


def guide_on_a_terminal(rows, tmp_path, monkeypatch):
    """What `tfstab guide limits` shows on a terminal of so many rows, and what it gives to a pager, if it does."""
    paged = tmp_path / f"paged-{rows}"
    settings = {"PAGER": f"sh -c 'echo with $LESS > {paged}; cat >> {paged}'", "LINES": str(rows), "COLUMNS": "100"}
    for name, value in (settings | {"TERM": "xterm-256color"}).items():
        monkeypatch.setenv(name, value)
    for name in ("LESS", "MANPAGER", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", shown := Terminal())
    assert run(["guide", "limits"]) == 0
    return shown.getvalue(), paged.read_text("utf-8") if paged.exists() else ""


@pytest.mark.skipif(sys.platform == "win32", reason="its pager has no colours")
def test_a_page_that_does_not_fit_is_shown_through_a_pager(tmp_path, monkeypatch):
    whole, paged = guide_on_a_terminal(1000, tmp_path, monkeypatch)
    assert not paged and "\x1b[1m" in whole and "What tfstab cannot say" in whole
    lines = whole.count("\n")
    assert guide_on_a_terminal(lines + 1, tmp_path, monkeypatch) == (whole, "")
    assert guide_on_a_terminal(lines, tmp_path, monkeypatch) == ("", f"with -R\n{whole}")


# --- inside another program ---


def test_a_command_that_another_program_runs_returns_its_exit_code(capsys):
    assert run(["guide", "limits"]) == 0
    with pytest.raises(InputError, match=r"^No such option: --no-such\.$"):
        run(["guide", "--no-such"])
    assert "What tfstab cannot say" in capsys.readouterr().out


# --- what has been made ---


def test_a_command_is_printed_as_it_can_be_typed(tmp_path, monkeypatch):
    program = tmp_path / ".venv" / ("Scripts/tfstab.exe" if os.name == "nt" else "bin/tfstab")
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command("view", "runs") == f"{program} view runs"
    monkeypatch.chdir(tmp_path)
    assert command("view", Path("my runs")) == f"{program.relative_to(tmp_path)} view 'my runs'"
    monkeypatch.setenv("PATH", str(program.parent))
    assert command("view", "runs") == "tfstab view runs"


def test_one_long_command_does_not_move_what_the_others_are_for_far_to_the_right(capsys):
    long = "x" * ALIGNED
    print_steps([Step(["view", "runs"], "one"), Step(["compare", "a", long], "two"), Step(["view", "b"], "three")])
    assert capsys.readouterr().out.splitlines() == [
        "next:   tfstab view runs   # one",
        f"        tfstab compare a {long}   # two",
        "        tfstab view b      # three",
    ]


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
    alone = f"tfstab report '{folder / SIDES[1]}' '--out={folder / SIDES[1]}.html'"
    assert told[0] == [
        "", "It is better.", "", f"model:  {net}", f"report: {tmp_path / 'report.html'}",
        f"runs:   {runs}; look at them with: tfstab view {runs}",
        f"next:   {'tfstab harden net':{len(alone)}}   # a more precise comparison, without training again",
        f"        {alone}   # a report on the hardened model alone, from its images in the comparison",
        f"        {own:{len(alone)}}   # what the hardened model makes of a picture of your own, or of a folder "
        "of them",
        f"        {'tfstab compare a b':{len(alone)}}   # a control", "        This.", "        That.",
    ]  # fmt: skip
    assert all(lines[-2:] == ["next:   This.", "        That."] for lines in told[1:3])
    assert told[3][-3:] == ["next:   tfstab compare a b   # a control", "        This.", "        That."]
    more = "the minimum noise of more images; other intervals hardly narrow, as all images are compared already"
    assert (
        told[4][8:10] == [told[0][9], f"        {'tfstab harden net':{len(alone)}}   # {more}"] and len(told[4]) == 12
    )
    assert [lines[3] for lines in told[1:4]] == [
        "model:  not written, as the original was left unchanged",
        "model:  not written, as it cannot be saved as a .keras file",
        f"model:  the original; {net} has the same weights",
    ]


@pytest.fixture
def assessed(tmp_path):
    """An assessment of ten images, of which the search has two and the sweeps finished three or all."""
    folder = tmp_path / "assessed"
    right = first_of((1, 0.5, 0), 10)
    sweep_of(folder, "fog", right, name="made")
    sweep_of(folder, "jpeg", right, (60, 40, 20), name="made")
    made_search(folder / "search", np.array([20.0, 30]), labels=[0, 1], name="made")
    return folder


def test_an_assessment_that_is_stopped_says_where_its_report_is(assessed, monkeypatch, capsys):
    def stopped(subject, **given):
        raise Interrupted(SimpleNamespace(path=assessed, report=assessed / "report.html"))

    monkeypatch.setattr("tfstab.report.assess.run_assessment", stopped)
    with pytest.raises(typer.Exit) as ended:
        assess.assess_and_show(None, 1)
    told = " ".join(capsys.readouterr().err.split())
    assert ended.value.exit_code == 130 and f"Report of what has been measured: {assessed / 'report.html'}" in told
    assert "run the same command again" in told


def test_the_accuracy_kept_by_degradation_is_printed_unless_the_live_table_was_shown(assessed, monkeypatch, capsys):
    said = ["What each degradation leaves", "fog ", "50 (27–73) ", "JPEG compression "]
    assess.print_assessment(Assessment(assessed))
    printed = capsys.readouterr().out
    assert all(text in printed for text in said) and "More than 100 %" not in printed
    assert all(text in tfstab_here("inspect", assessed).stdout.partition("Runs")[0] for text in said)
    for name in ("standard_output", "err"):
        monkeypatch.setattr(assess, name, SimpleNamespace(is_terminal=True))
    assess.print_assessment(Assessment(assessed))
    assert said[0] not in capsys.readouterr().out


def test_the_images_that_are_wrong_when_clean_are_listed(tmp_path, capsys):
    """Of six images, the last two are wrong when clean; they have no minimum noise, and the search lacks them."""
    labels = np.array([0, 1, 2, 0, 1, 2])
    clean = np.array([0, 1, 2, 0, 2, 0])
    made_sweep(
        tmp_path / "runs" / "fog",
        SweepConfig(severities=(0.2,), degradation="fog", copies=1),
        clean[:, None, None],
        labels,
        clean,
        classes=3,
    )
    made_search(tmp_path / "runs" / "search", np.array([20.0, 30]), labels=[0, 1])
    assess.print_assessment(Assessment(tmp_path / "runs"))
    assert "\n2 clean images are wrong: image 4 and image 5. All of them: tfstab inspect " in capsys.readouterr().out
    told = tfstab_here("inspect", tmp_path / "runs").stdout
    rows = told.partition("Wrong when clean")[2].partition("Runs")[0].splitlines()
    assert [line.split()[:3] for line in rows if line.strip()[:1].isdigit()] == [["4", "1", "2"], ["5", "2", "0"]]
    told = tfstab_here("inspect", tmp_path / "runs", "--json").stdout
    assert [row["image"] for row in json.loads(told)["wrong_when_clean"]] == [4, 5]
    told = tfstab_here("inspect", tmp_path / "runs", "--image", 4).stderr
    assert "the image is wrong when clean, so it has no minimum noise" in told


def test_the_scores_are_read_once_however_many_images_are_wrong(tmp_path, monkeypatch):
    """Predicted classes are computed once for a run: once for each image took minutes for thousands of them."""
    labels = np.arange(60) % 3
    config = SweepConfig(severities=(0.2,), degradation="fog", copies=1)
    run = made_sweep(tmp_path / "fog", config, labels[:, None, None], labels, (labels + 1) % 3, classes=3)
    asked, predicted = [], CleanImages.predicted.fget
    monkeypatch.setattr(CleanImages, "predicted", property(lambda clean: asked.append(0) or predicted(clean)))
    table = wrong_table([run, run], shown=None)
    assert [row[0] for row in table.rows] == list(range(60)) and len(asked) <= 2


def test_inspect_gives_an_assessment_as_json(assessed):
    told = json.loads(tfstab_here("inspect", assessed, "--json").stdout)
    assert told["path"] == str(assessed) and [row["images"] for row in told["runs"]] == [10, 10, 2]
    assert told.keys() >= Assessment(assessed).to_json().keys()


def test_inspect_and_report_leave_out_what_is_damaged_and_say_how_to_repair_it(assessed, tmp_path):
    (assessed / "assessment.json").write_text("{}")
    part = next((assessed / "fog" / "parts").iterdir())
    part.write_bytes(part.read_bytes()[:-9])
    line = f"Fog is left out, because files in {assessed / 'fog'} are damaged: run `tfstab assess` again"
    lead = "The results for fog are damaged and left out."
    told = tfstab_here("inspect", assessed)
    assert line in " ".join(told.stderr.split()) and told.stdout.startswith(lead) and "JPEG" in told.stdout
    assert json.loads(tfstab_here("inspect", assessed, "--json").stdout)["damaged"] == ["fog"]
    table = tfstab_here("inspect", assessed, "--image", 1).stdout.partition("Where its degraded copies fail")[2]
    assert "JPEG" in table and "fog" not in table
    written = tfstab_here("report", assessed, "--out", tmp_path / "report")
    assert line in " ".join(written.stderr.split())
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert lead in page and str(assessed) not in page
    alone = refused(tfstab_here("inspect", assessed / "fog"))
    assert alone.endswith("is damaged: run `tfstab assess` again to make it again.")


def test_inspect_draws_only_what_an_assessment_has_finished(assessed, tmp_path):
    """Image 3 is in the sweeps alone; a part of one of them is missing."""
    shown = tfstab_here("inspect", assessed, "--image", 1, "--out", tmp_path / "search.png")
    assert "search drawn into" in shown.stderr and "Minimum noise" in shown.stdout
    assert "to try all" not in shown.stderr
    for name in ("fog", "jpeg"):
        for part in open_run(assessed / name).parts.values():
            part.unlink()
    shown = tfstab_here("inspect", assessed, "--image", 3)
    assert f"to try all degradations on it: tfstab inspect {assessed} PICTURE --class " in shown.stderr
    assert "true class" in shown.stdout and "Where its degraded copies fail" not in shown.stdout
    told = json.loads(tfstab_here("inspect", assessed, "--json").stdout)
    assert [row["images"] for row in told["runs"]] == [0, 0, 2]
    assert "not measured" in tfstab_here("inspect", assessed / "fog", "--image", 3).stdout
    said = refused(tfstab_here("inspect", assessed, "--image", 3, "--out", tmp_path / "x.png"))
    assert (
        "no degraded copy of image 3 was measured, so there is nothing to draw; to try all degradations on it: " in said
    )
    assert f"PICTURE --class 0 --out {tmp_path / 'x.png'}, where PICTURE is its file" in said


def test_the_demo_opens_the_viewer_in_a_session_of_its_own(assessed, tmp_path, monkeypatch):
    command = [sys.executable, "-c", f"import os; open({str(tmp_path / 'new')!r}, 'w').write(str(os.getsid(0)))"]
    given = []
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.setattr(demo, "assess_and_show", lambda *_, **__: Assessment(assessed))
    monkeypatch.setattr(demo, "print_assessment", given.append)
    monkeypatch.setattr(demo, "viewer_command", lambda paths: given.append(paths) or command)
    assert CliRunner().invoke(app, ["demo", "--no-viewer"]).exit_code == 0 and not (tmp_path / "new").exists()
    assert CliRunner().invoke(app, ["demo"]).exit_code == 0
    deadline = time.monotonic() + 200
    while not ((tmp_path / "new").exists() and (session := (tmp_path / "new").read_text())):
        assert time.monotonic() < deadline, "nothing was opened"
        time.sleep(0.02)
    assert int(session) != os.getsid(0) and given[-1] == [assessed]


def test_a_bar_has_a_rate_in_its_unit_while_it_runs_and_when_it_has_ended():
    clock = {"now": 0.0}
    with progress_bar() as bar:
        bar.get_time = lambda: clock["now"]
        numbers = [bar.add_task("", total=400, unit=unit) for unit in ("images", "", "%")]
        seen = []
        for clock["now"], done in ((0.0, 0), (1.0, 100), (2.0, 200), (3.0, 400)):
            for number in numbers:
                bar.update(number, completed=done)
            seen.append([bar.columns[3].render(task).plain for task in bar.tasks])
    assert seen == [[rate, "", ""] for rate in ("", "", "100 images/s", "150 images/s")]


def test_names_of_folders_cannot_command_a_terminal_or_reverse_what_it_shows(assessed, tmp_path, capfd):
    folder = assessed.rename(tmp_path / "runs \u202egpj\x1b[31m")
    shown = CliRunner().invoke(app, ["inspect", str(folder)])
    assert shown.exit_code == 0 and "$'" in shown.output and "runs \\u202egpj\\u001b[31m" in shown.output
    for damaged in folder.glob("*/run.json"):
        damaged.write_text("x")
    told = CliRunner().invoke(app, ["inspect", str(folder)])
    assert not {"\u202e", "\x1b"} & {*shown.output, *told.output}
    remark("\u202egpj")
    print_table(Table("\u202egpj", ("a\u2066",), [("b\x1b",)]))
    both = capfd.readouterr()
    assert not {"\u202e", "\u2066", "\x1b"} & {*both.out, *both.err}


@pytest.mark.parametrize(("width", "lines"), [(24, 5), (300, 2)])
def test_in_a_terminal_sentences_are_broken_between_words_and_list_items_are_indented(
    monkeypatch, capsys, width, lines
):
    text = "The network keeps 33 % of its accuracy.\n- Class dog is weaker: 4 of its 90 images are right."
    monkeypatch.setattr(output, "out", Console(force_terminal=True, width=width))
    output.say(text)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines and all(len(line) <= width for line in printed)
    assert " ".join(" ".join(printed).split()) == text.replace("\n", " ")
    assert not any(line.lstrip().startswith("%") for line in printed), "a percentage is whole"
    assert [line[:2] for line in printed if line[0] in " -"] == (["- ", "  ", "  "] if lines == 5 else ["- "])
    monkeypatch.setattr(output, "out", Console(force_terminal=False, width=30))
    output.say(text)
    assert capsys.readouterr().out == f"{text}\n", "a pipe gets whole sentences"
