"""What the options of `tfstab assess` and `tfstab reproduce` become, before and after the work."""

import errno
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from tfstab.cli import assess as assess_module
from tfstab.cli import reproduce as reproduce_module
from tfstab.cli import requiring
from tfstab.cli.app import app
from tfstab.cli.observing import observed_by
from tfstab.degradations import degradation_names
from tfstab.errors import InputError


@pytest.fixture
def assess(tmp_path, monkeypatch):
    """assess(images of each family, *options) -> what is printed, and what would be assessed, of two images."""
    monkeypatch.chdir(tmp_path)
    np.savez("few.npz", images=np.zeros((2, 28, 28), np.uint8), labels=[0, 1])
    given = SimpleNamespace(printed=[], imported=[])

    def told(measured, *options, outcome="met", unmeasured=()):
        given.printed.clear()
        families = [SimpleNamespace(images=range(count)) for count in measured]

        def assessed(subject, minutes, cluster, workers, **settings):
            given.subject, given.minutes, given.settings = subject, minutes, settings
            given.place = cluster, workers
            outcomes = [outcome] * len(settings["require"])
            figures = SimpleNamespace(families=families)
            return SimpleNamespace(figures=figures, outcomes=outcomes, path=tmp_path, unmeasured=unmeasured)

        monkeypatch.setattr(assess_module, "assess_and_show", assessed)
        monkeypatch.setattr(assess_module, "print_assessment", lambda *shown: given.printed.append(shown[1:]))
        monkeypatch.setattr(assess_module, "print_next", lambda subject, assessment: None)
        monkeypatch.setattr(assess_module, "import_modules", given.imported.append)
        monkeypatch.setattr(requiring, "failed", lambda outcomes, strict: "missed" in outcomes or strict)
        monkeypatch.setattr(requiring, "junit", lambda outcomes, strict: f"{outcomes}{' strictly' * strict}")
        result = CliRunner().invoke(app, ["assess", "mnist-lenet", "few.npz", *map(str, options)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result, given

    return told


def test_an_assessment_that_did_not_come_to_some_degradations_is_out_of_time(assess):
    told = []
    with observed_by(SimpleNamespace(out_of_time=told.append, made=lambda *_: None, remark=lambda _: None)):
        assess((2, 1))
        assess((2, 1), unmeasured=["fog", "jpeg"])
    assert told == ["2 of 4 degradations measured"]


@pytest.mark.parametrize(("measured", "all_used"), [((2, 2), True), ((2, 1), False), ((1, 1), False)])
def test_an_assessment_says_if_all_images_have_been_used(measured, all_used, assess, tmp_path):
    told, given = assess(measured)
    assert ("all 2 images have been used" in told.stdout) == all_used and told.exit_code == 0
    assert "--limit" not in told.output
    assert given.printed == [([],)] and given.minutes == 5 and given.place == (None, None)
    assert {name: given.settings[name] for name in ("out", "seed", "as_is", "degradations")} == {
        "out": None, "seed": 0, "as_is": False, "degradations": degradation_names(),
    }  # fmt: skip
    assert given.imported == [()] and given.settings["require"] == []
    assert given.subject.images.limit is None and given.subject.model.name == "mnist-lenet"
    limited, _ = assess(measured, "--limit", 2)
    assert ("more images do: raise --limit. " in limited.stdout) == all_used
    unfinished, _ = assess(measured, unmeasured=["fog"])
    assert "have been used" not in unfinished.stdout, "more minutes measure more degradations"
    figures = f"All figures are in {tmp_path / 'assessment.json'}, as --json prints them."
    assert told.stdout.rstrip().endswith(figures) == all_used


@pytest.mark.parametrize(("outcome", "code"), [("met", 0), ("missed", 1)])
def test_the_outcomes_of_requirements_are_written_and_missed_ones_are_the_exit_code(outcome, code, assess, tmp_path):
    (tmp_path / "assessment.json").write_text('{"a": 1}')
    options = ["--require", "fog:50", "--junit", "new/junit.xml", "--quick", "--degradation", "fog,jpeg", "--as-is"]
    options += ["--seed", 3, "--workers", 2, "--import", "mine"]
    for as_json in ([], ["--json"]):
        told, given = assess((1,), *options, *as_json, outcome=outcome)
        assert told.exit_code == code and given.minutes == 1 and given.place == (None, 2)
        assert Path("new/junit.xml").read_text() == f"['{outcome}']"
        assert given.printed == ([] if as_json else [([outcome],)]) and given.imported[-1] == ["mine"]
        assert ('"a": 1' in told.stdout) == bool(as_json)
    told, _ = assess((1,), *options, "--strict", outcome=outcome)
    assert told.exit_code == 1 and Path("new/junit.xml").read_text().endswith(" strictly")
    settings = given.settings
    assert (settings["seed"], settings["as_is"], settings["degradations"]) == (3, True, ["fog", "jpeg"])
    assert len(settings["require"]) == 1


def test_the_junit_file_is_written_although_nobody_reads_what_is_printed_to_its_end(assess, monkeypatch):
    def cut_off(*_):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")  # as by `| head`

    monkeypatch.setattr(assess_module, "out_of_time", cut_off)
    assess((1,), "--require", "fog:50", "--junit", "junit.xml", unmeasured=["jpeg"])
    assert Path("junit.xml").read_text() == "['met']"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--quick", "--minutes", 3], "--quick and --minutes were both given"),
        (["--junit", "x.xml"], "--junit was given without --require"),
        (["--strict"], "--strict was given without --require"),
        (["--require", "fog:50", "--junit", "."], "which is a folder"),
        (["--require", "fog:50", "--junit", "few.npz/x/y.xml"], "but few.npz is no folder"),
    ],
)
def test_options_that_an_assessment_does_not_take(options, said, assess):
    with pytest.raises(InputError, match=said):
        assess((1,), *options)


def test_what_is_reproduced(monkeypatch, tmp_path):
    given = []

    class Begun(Exception):  # noqa: N818
        """The work would begin."""

    def begin(*taken, **settings):
        given.append((taken, settings))
        raise Begun

    monkeypatch.setattr(reproduce_module, "reproduce_paper", begin)
    monkeypatch.setattr(reproduce_module, "_reproduce_remedies", begin)
    command = ["reproduce", "paper", "--data", "cifar10", "--network", "single=a.keras", "--network", "mine=b.keras"]
    for arguments in ([*command, "--trust"], ["reproduce", "paper"], ["reproduce", "remedies", "--scale", "full"]):
        assert isinstance(CliRunner().invoke(app, arguments).exception, Begun)
    (taken, settings), (plain, other), (remedies, _) = given
    assert taken == ("cifar10", "small", Path("reproduction"), {"single": "a.keras", "mine": "b.keras"})
    loading = {"preprocess": None, "outputs": None, "trust": True, "imports": ()}
    assert settings["loading"] == loading and settings["data_dir"] is None
    assert plain == ("mnist", "small", Path("reproduction"), {}) and other["loading"] == loading | {"trust": False}
    assert remedies == ("mnist", "full", Path("reproduction"), None, False)


@pytest.mark.parametrize("outcomes", [[], ["clean: missed", "fog: met"], ["missed", "missed", *["met"] * 4]])
def test_what_is_printed_of_an_assessment(outcomes, capsys):
    figures = SimpleNamespace(families=[])
    shown = SimpleNamespace(
        figures=figures,
        summary=lambda: "Verdict.",
        report="page.html",
        path="my runs",
        runs=[],
        damaged=(),
        whole=[],
    )
    given = [SimpleNamespace(sentence=one, note="", status=one.split()[-1]) for one in outcomes[::-1]]
    assess_module.print_assessment(shown, given)
    told = [*outcomes, "Of 6 requirements, 2 are missed and 4 are met."] if len(outcomes) > 2 else outcomes
    ends = ["", "report: page.html", "runs:   my runs; look at them with: tfstab view 'my runs'"]
    assert capsys.readouterr().out.splitlines() == ["", "Verdict.", *([""] if outcomes else []), *told, *ends]
