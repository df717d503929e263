"""Requirements on sweeps: exit codes, what is printed, JUnit and JSON, and what is refused before any work."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, dataset
from requiring_by_hand import required, suite_of
from typer.testing import CliRunner

from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.orders import model as models

MET, OPEN, MISSED = "clean:50", "kept gaussian_noise@30:97", "recall cat under gaussian_noise@90:99"


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    """sweep(options, as one text) -> the result of the command on 60 images; sweep.loaded: the loaded models."""
    few = dataset(60)
    np.savez(tmp_path / "few.npz", images=few.images, labels=few.labels, class_names=np.array(NAMES))
    monkeypatch.chdir(tmp_path)

    def load(name, **options):
        run.loaded.append(name)
        return classifier()

    monkeypatch.setattr(models, "load_classifier", load)

    def run(options):
        return CliRunner().invoke(app, ["sweep", "mnist-lenet", "few.npz", *shlex.split(options)])

    run.loaded = []
    return run


def test_a_missed_requirement_on_a_severity_of_ones_own_fails_also_when_the_run_is_resumed(sweep):
    settings = "--sigmas 30,90 --copies 1 --out run"
    told = sweep(f"{settings} {required(MET, OPEN, MISSED)} --junit new/junit.xml")
    assert told.exit_code == 1, told.output
    suite = suite_of("new/junit.xml")
    assert (suite.get("name"), suite[0].get("classname")) == ("tfstab sweep: brightness", "tfstab.sweep")
    assert [suite.get(k) for k in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    assert [case[0].tag for case in suite] == ["system-out", "skipped", "failure"]
    met, still_open, missed = (case[0].get("message") or case[0].text for case in suite)
    assert f"\n\n{missed}\n{still_open}\n{met}\n\nThe run is in run;" in told.stdout
    assert missed.startswith(f"{MISSED} is missed: of the ") and still_open.endswith(
        " about 65 images in all would decide this (so far 60). All 60 images given have been measured."
    )
    told = sweep(f"{settings} {required(MET, OPEN, MISSED)} --json")
    found = json.loads(told.stdout)["requirements"]
    assert told.exit_code == 1 and [one["status"] for one in found] == ["met", "not decided", "missed"]
    assert [one["sentence"] for one in found] == [met, still_open, missed]
    assert sweep(f"{settings} {required(OPEN)}").exit_code == 0
    assert sweep(f"{settings} {required(MET)} --strict").exit_code == 0
    assert sweep(f"{settings} {required(MET, OPEN)} --strict --junit junit.xml").exit_code == 1
    assert suite_of("junit.xml").get("failures") == "1"
    assert "requirements" not in json.loads(sweep(f"{settings} --json").stdout)


def test_requirements_on_several_degradations(sweep):
    several = required("fog:0", "mean:0", "lowest recall under jpeg:100", "recall cat:100")
    told = sweep(f"--degradation fog,jpeg --out runs {several} --junit junit.xml --json")
    statuses = [one["status"] for one in json.loads(told.stdout)["requirements"]]
    assert statuses[:2] == ["met", "met"] and statuses[3] == "missed" and told.exit_code == 1, told.output
    assert suite_of("junit.xml").get("tests") == "4"
    told = sweep(f"--degradation fog,jpeg --out runs {required('mean:0', 'fog@20:0')}")
    assert told.exit_code == 0 and "\nmean:0 is met: the mean accuracy kept under 2 degradations is " in told.stdout
    assert told.stdout.index("fog@20:0 is met: ") < told.stdout.index("The runs are in runs;")


def test_false_alarms_of_one_class_fail_a_sweep(sweep):
    settings = "--sigmas 90 --copies 1 --out run"
    met, still_open, missed = (
        "specificity 2 of dog:80", "specificity dog of cat:80", "specificity dog of cat under gaussian_noise@90:99"
    )  # fmt: skip
    told = sweep(f"{settings} {required(met, still_open, missed)} --junit junit.xml")
    assert told.exit_code == 1, told.output
    passed, skipped, failure = suite_of("junit.xml")
    assert passed[0].text.startswith(f"{met} is met: of the 44 clean images of class dog, 100 % ")
    outlook = "about 22 images of class cat in all would decide this (so far 7). All 7 images given of class cat have"
    assert skipped[0].get("message").endswith(f" {outlook} been measured.")
    assert failure[0].get("message").startswith(f"{missed} is missed: of the 7 images of class cat, 57 % ")
    folders = required(met.replace("dog", "00001"), still_open)  # a class by the name of its folder
    lenient, strict = sweep(f"{settings} {folders}"), sweep(f"{settings} {folders} --strict")
    assert (lenient.exit_code, strict.exit_code) == (0, 1)
    assert "specificity 2 of 00001:80 is met: of the 44 clean images of class dog, " in lenient.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            f"--degradation motion_blur --severities 2,4 {required('motion_blur@5:80')}",
            "requirement 'motion_blur@5:80' is about length 5, which is not swept; expected one of 2, 4. To measure 5, "
            "too, use --severities 2,4,5.",
        ),
        (f"--sigmas 5 {required('kept gaussian_noise@20:80')}", "To measure 20, too, use --sigmas 5,20."),
        (
            f"--degradation fog,jpeg {required('recall cat under fog@33:80')}",
            "Several degradations are swept at their default severities only; sweep fog by itself, with --severities "
            "33.",
        ),
        (required("fog:80"), "requirement 'fog:80' is about fog, which is not swept; swept are: gaussian_noise."),
        ("--strict", "--strict was given without --require"),
        (f"{required('clean:9')} --junit .", "--junit is ., which is a folder"),
    ],
)
def test_what_cannot_be_required_is_said_before_anything_is_loaded(options, said, sweep):
    with pytest.raises(InputError) as error:
        raise sweep(options).exception
    assert said in str(error.value) and sweep.loaded == [] and not Path("runs").exists()


def test_a_class_without_images_is_refused_before_anything_is_measured(sweep):
    for text in ("recall bird:9", "specificity dog of bird:9"):
        with pytest.raises(InputError, match="as no image is of class bird: choose one of the classes with images"):
            raise sweep(f"--sigmas 5 --out run {required(text)}").exception
    assert not Path("run").exists()
