"""`tfstab report --require`: several sweeps, each at severities of one's own, are checked together."""

import html
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import classifier, dataset
from requiring_by_hand import required, suite_of
from typer.testing import CliRunner

import tfstab
from made_runs import made_sweep
from tfstab import SweepConfig, run_sweep
from tfstab.cli.app import app
from tfstab.errors import InputError

MET, OPEN, MISSED = "clean:50", "kept gaussian_noise@25:97", "accuracy fog@15:100"


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    """A folder of two sweeps of 60 images at severities that no assessment has, and one of another network beside."""
    place = tmp_path_factory.mktemp("required")
    for name, config in (
        ("noise", SweepConfig(sigmas=(25,), copies=1)),
        ("fog", SweepConfig(degradation="fog", severities=(15, 95), copies=1)),
    ):
        run_sweep(classifier(), dataset(60), config, place / "accept" / name)
    more_fog = SweepConfig(degradation="fog", severities=(35,), copies=1)
    run_sweep(classifier(), dataset(60), more_fog, place / "more-fog")
    run_sweep(classifier(fingerprint="other"), dataset(60), more_fog, place / "other")
    return place


@pytest.fixture
def report(sweeps, tmp_path, monkeypatch):
    """report(options, as one text) -> the result of the command on the folder of sweeps."""
    monkeypatch.chdir(tmp_path)

    def run(options, runs=("accept",)):
        return CliRunner().invoke(app, ["report", *(str(sweeps / name) for name in runs), *shlex.split(options)])

    return run


def test_one_report_of_several_sweeps_says_which_requirements_are_met(report):
    told = report(f"{required(MET, OPEN, MISSED)} --junit new/junit.xml --out page")
    assert told.exit_code == 1, told.output
    suite = suite_of("new/junit.xml")
    assert (suite.get("name"), suite[0].get("classname")) == ("tfstab report: brightness", "tfstab.report")
    assert [case[0].tag for case in suite] == ["system-out", "skipped", "failure"]
    met, still_open, missed = (case[0].get("message") or case[0].text for case in suite)
    assert missed.startswith(f"{MISSED} is missed: ") and met.startswith(f"{MET} is met: ")
    assert still_open.endswith(" would decide this (so far 60). All 60 images given have been measured.")
    assert told.stdout.endswith(f"written: page/report.html\n\n{missed}\n{still_open}\n{met}\n")
    page = html.unescape(Path("page/report.html").read_text("utf-8"))
    section = page.partition('id="c1-requirements"')[2].partition("</section>")[0]
    shown = [re.sub("<[^>]+>", "", line).strip() for line in re.findall("<li>(.*?)</li>", section, re.DOTALL)]
    assert shown == [missed, still_open, met]


def test_the_exit_code_is_that_of_an_assessment(report):
    assert report(required(MET, OPEN)).exit_code == 0
    assert report(f"{required(MET)} --strict").exit_code == 0
    assert report(f"{required(MET, OPEN)} --strict --junit junit.xml").exit_code == 1
    assert suite_of("junit.xml").get("failures") == "1"
    told = report(required("specificity dog of cat under fog@95:0"))
    assert (
        told.exit_code == 0
        and " images of class cat, " in told.stdout
        and " are not taken for dog under fog, " in told.stdout
    )


@pytest.mark.parametrize(
    ("options", "runs", "said"),
    [
        (
            required("fog@35:80"), ("accept",),
            "expected one of 15, 95. To measure 35, too, sweep fog into a new folder with --severities 15,95,35.",
        ),
        (required("jpeg:80"), ("accept",), "is about jpeg, which is not swept; swept are: "),
        (
            required("fog@35:80"), ("accept", "more-fog"),
            "more-fog are both of fog; expected each only once. Measure several severities of a degradation in one "
            "sweep, as with --severities 3,5.",
        ),
        (required(MET), ("accept/noise", "other"), "cannot be checked on these runs: the runs are of several networks"),
        (required("recall bird:9"), ("accept",), "as no image is of class bird"),
        (required("specificity dog of dog:9"), ("accept",), "names class dog twice: give another class after 'of', "),
        ("--strict", ("accept",), "--strict was given without --require"),
    ],
)  # fmt: skip
def test_what_the_runs_cannot_decide_is_said_and_no_page_is_written(options, runs, said, report):
    with pytest.raises(InputError) as error:
        raise report(options, runs).exception
    assert said in str(error.value) and not Path("report").exists()


def test_an_unfinished_sweep_is_said_to_have_images_left(tmp_path, monkeypatch):
    monkeypatch.setattr("made_runs.MOST_ROWS", 100)
    taken = (np.arange(200) % 5 == 0)[:, None, None]  # four of five are taken for class 0, which is right
    run = made_sweep(tmp_path / "runs" / "fog", SweepConfig(degradation="fog", severities=(15,), copies=1), taken)
    *_, last = run.parts.values()
    last.unlink()
    told = CliRunner().invoke(
        app, ["report", str(tmp_path / "runs"), "--out", str(tmp_path), "--require", "fog@15:75", "--strict"]
    )
    assert told.exit_code == 1 and told.stdout.endswith(
        " images in all would decide this (so far 100). The 200 images given are probably too few for this.\n"
    )
    told = CliRunner().invoke(
        app, ["report", str(tmp_path / "runs"), "--out", str(tmp_path), "--require", "fog@15:70", "--strict"]
    )
    assert told.stdout.endswith(
        " The sweep has measured only some of the 200 images given: run it again without --minutes and --precision, "
        "and with the same images as the other sweeps.\n"
    )


def test_the_report_of_an_assessment_takes_new_requirements(tmp_path):
    out = tmp_path / "assessed"
    tfstab.assess(classifier(), dataset(30), minutes=5, out=out, degradations=["fog"], search=False, require=[MET])
    told = CliRunner().invoke(app, ["report", str(out), "--out", str(tmp_path), "--require", "fog:100"])
    assert told.exit_code == 1 and "\nfog:100 is missed: " in told.stdout
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "fog:100 is missed: " in page and f"{MET} is met: " not in page
