"""`tfstab report`, and the commands that a report proposes."""

import html
import re
import shlex
from pathlib import Path

import pytest
from given_assessment import CLEAN, FOG, JPEG, LABELS, predictions, sweep
from typer.testing import CliRunner

from made_runs import made_sweep
from tfstab import compare
from tfstab.assessment.results import RESULTS
from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.orders.step import Step
from tfstab.report import write_report
from tfstab.report.compare_step import compare_command
from tfstab.report.page import Section
from tfstab.report.run_report import report_page
from tfstab.report.saving import save_report
from tfstab.report.tables import Table


@pytest.fixture
def folder(assessed):
    return assessed


def test_below_networks_side_by_side_is_the_command_that_decides_whether_they_differ(tmp_path, monkeypatch, runs):
    monkeypatch.chdir(tmp_path)
    every = {k: [0, 1] for k in range(7)}
    old, new = Path("my old"), Path("new").absolute()
    both = [sweep(folder / config.degradation.name, config, every, name=folder.name)
            for folder in (old, new) for config in (FOG, JPEG)]  # fmt: skip
    source = report_page(both)
    command = "tfstab compare &#39;my old&#39; new --out=comparison"
    assert source.index("Side by side") < source.index("does not tell whether two networks differ")
    assert f"<code>{command}</code>" in source.replace("&#x27;", "&#39;")
    words = shlex.split(html.unescape(command))[1:]
    assert CliRunner().invoke(app, words).exit_code == 0 and Path("comparison/report.html").is_file()

    assert compare_command([both[:1], both[2:3]]) == "tfstab compare 'my old/fog' new/fog --out=comparison"
    fine = [[sweep(Path("fine") / f"{name}-{config.degradation.name}", config, every, name=name)
             for config in (FOG, JPEG)] for name in ("my old", "new")]  # fmt: skip
    assert f"<code>{command}</code>" in report_page([*both, *fine[0], *fine[1]]).replace("&#x27;", "&#39;")
    assert compare_command(fine) == "", "a folder with runs of two networks cannot be compared as a whole"
    with pytest.raises(
        InputError, match=r"fine cannot be compared as a whole: the runs are of several networks \(my old"
    ):
        compare("new", "fine")
    (old / RESULTS).write_text("{}")
    assert compare_command([both[:1], both[2:3]]) == "", "an assessment is not compared with a single run"
    assert compare_command([both[:1], both[2:]]) == "tfstab compare 'my old' new --out=comparison"
    assert compare_command([both[:1], both[3:]]) == compare_command([both[:2], both[:2]]) == compare_command([]) == ""
    other = made_sweep(
        tmp_path / "other" / "fog",
        FOG,
        predictions(FOG, every),
        [(label + 1) % 3 for label in LABELS],
        CLEAN,
        name="other",
    )
    assert compare_command([both[:1], [other]]) == "", "the true classes differ"
    assert "tfstab compare" not in report_page(runs)


def test_no_runs_are_refused():
    with pytest.raises(InputError, match="no run was given"):
        report_page([])


def test_progress_is_told_and_the_file_written(runs, tmp_path, page):
    told = []
    path = write_report(runs, tmp_path / "new" / "my.html", on_progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(7)) and {total for *_, total in told} == {6}
    assert path.read_text("utf-8") == page.source.replace('<p class="note">It took 5 minutes.</p>', "")
    assert [entry.name for entry in path.parent.iterdir()] == ["my.html"]


@pytest.mark.parametrize(("command", "has_button"), [("harden", True), ("explain", True), ("assess", False)])
def test_the_next_steps_name_the_buttons_of_the_viewer_that_do_the_same(runs, command, has_button):
    page = report_page(runs[:1], steps=[Step([command, "net.keras", "photos"], "a more stable model")])
    (said,) = re.findall("Run these commands in the folder in which you ran the assessment.*", page)
    assert (
        "In the viewer, the assessment&#39;s tab <i>Why</i> has buttons for explaining and hardening." in said
    ) == has_button


def test_the_command_takes_a_folder_of_runs_and_writes_the_page_alone(folder, tmp_path):
    sections, told = [Section("one", parts=[Table("a table", ("a",), [(1,)])])], []
    save_report(tmp_path, "an earlier page", sections, on_file=lambda *counts: told.append(counts))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert (tmp_path / "tables" / "01-a-table.csv").exists()
    result = CliRunner().invoke(app, ["report", str(folder), "--out", str(tmp_path)])
    assert result.exit_code == 0 and "3 degradations" in (tmp_path / "report.html").read_text("utf-8")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"report.html"}


def test_a_name_that_ends_in_html_is_that_of_the_page(folder, tmp_path):
    out = tmp_path / "new" / "my.html"
    command = ["report", str(folder), "--out", str(out)]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0 and f"written: {out}\n" in told.stdout and "3 degradations" in out.read_text("utf-8")
    assert [path.name for path in out.parent.iterdir()] == ["my.html"]
    refused = CliRunner().invoke(app, [*command, "--files"])
    assert "give a folder" in str(refused.exception)
    refused = CliRunner().invoke(app, ["compare", str(folder), str(folder), "--out", str(tmp_path / "both.html")])
    assert "expected that of a folder" in str(refused.exception)
