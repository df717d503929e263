"""What commands show of an assessment: stopped, damaged, unfinished, or with a name that commands a terminal."""

import json
import os
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from assessment_runs import first_of, sweep_of
from typer.testing import CliRunner

from made_runs import made_search, made_sweep
from processes import refused, tfstab_here
from tfstab import SweepConfig, open_run
from tfstab.assessment.opened import Assessment
from tfstab.cli import assess, demo
from tfstab.cli.app import app
from tfstab.cli.output import print_table, remark
from tfstab.report.assess import Interrupted
from tfstab.report.tables import Table
from tfstab.report.wrong_images import wrong_table
from tfstab.runs import CleanImages


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
