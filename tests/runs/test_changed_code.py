"""The file of a degradation was edited after a run was made, or is not imported: old numbers are no new ones."""

import json
import sys
import warnings

import pytest
from numpy_runs import classifier, dataset

import tfstab
from tfstab import SweepConfig, open_run, run_sweep
from tfstab.assessment.lines import PlainLines
from tfstab.degradations import registry
from tfstab.errors import RunError
from tfstab.importing import import_module
from tfstab.report.changed import changed_notes

CODE = """
from tfstab.degradations import Degradation, register

register(Degradation(
    "dim", "dimming", "takes from all grey levels", lambda x, by, rng: x - 9 * by,
    parameter="darkness", unit="", severities=(1.0, 2.0), neutral=0.0, low=0.0, high=9.0, version="1",
))
"""
OTHER = CODE.replace("9 * by", "20 * by")


@pytest.fixture
def use(tmp_path, monkeypatch):
    """Return a function that writes the file and imports it, as if another process had begun."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [*sys.path])
    file = tmp_path / "changed_dim.py"

    def write_and_import(code):
        sys.modules.pop(file.stem, None)
        file.write_text(code)
        import_module(str(file))

    yield write_and_import
    sys.modules.pop(file.stem, None)
    registry._registered.pop("dim", None)


def sweep(folder):
    return run_sweep(classifier(), dataset(), SweepConfig(degradation="dim"), folder)


def assess(folder, minutes=0.02):
    # With an observer, the few images are no reason for a warning.
    given = {"degradations": ["dim"], "search": False, "on_state": lambda state: None}
    return tfstab.assess(classifier(), dataset(), minutes=minutes, out=folder, **given)


@pytest.mark.parametrize("work", [sweep, assess])
def test_a_finished_run_is_not_repeated_with_other_code_of_the_same_version(work, use, tmp_path):
    use(CODE)
    made = work(tmp_path / "run")
    kept = sorted(path.name for path in made.path.rglob("*.parquet"))
    use(OTHER)
    with pytest.raises(
        RunError, match=r"'dim' makes different images now, as changed_dim\.py has changed\. To measure "
    ):
        work(made.path)
    use(CODE.replace('version="1"', 'version="2"'))
    with pytest.raises(
        RunError, match=r"begun with version '1' of the degradation 'dim', not '2'; .* with --out \(in Python out=\)\.$"
    ):
        work(made.path)
    use(CODE + "# a comment")
    with pytest.warns(UserWarning, match=r"^changed_dim\.py has changed since 'dim' was measured\. A test image"):
        work(made.path)
    use(CODE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        work(made.path)
    assert sorted(path.name for path in made.path.rglob("*.parquet")) == kept


def test_other_versions_are_named_beside_a_changed_file_as_either_may_be_the_reason(use, tmp_path):
    use(CODE)
    made = sweep(tmp_path / "run")
    info = json.loads((made.path / "run.json").read_text("utf-8"))
    info["environment"]["versions"]["numpy"] = "1.0"
    (made.path / "run.json").write_text(json.dumps(info), "utf-8")
    use(OTHER)
    with pytest.raises(
        RunError, match=r"as changed_dim\.py has changed, and so has the version of numpy\. To .*"
    ) as said:
        sweep(made.path)
    assert str(said.value).endswith("To go on with the old images, restore changed_dim.py and the old versions.")


def test_an_assessment_says_so_at_once_and_can_still_be_read(use, tmp_path):
    use(CODE)
    kept = assess(tmp_path / "a").figures.mean_kept
    use(OTHER)
    with pytest.raises(RunError, match="makes different images now"):
        assess(tmp_path / "a", minutes=1e-5)  # no time to score anything
    registry._registered.pop("dim")  # another process, that does not import the file
    sys.modules.pop("changed_dim")
    read = tfstab.open_assessment(tmp_path / "a")
    assert read.figures.mean_kept == kept
    (note,) = changed_notes(read.runs)
    assert "of dim of brightness cannot be shown, as changed_dim.py has changed since the run was made." in note


def test_an_assessment_goes_on_beside_a_degradation_whose_file_is_not_imported(use, tmp_path):
    use(CODE)
    assess(tmp_path / "a")
    registry._registered.pop("dim")
    sys.modules.pop("changed_dim")
    said = []
    given = {"minutes": 0.02, "out": tmp_path / "a", "degradations": ["fog"], "search": False}
    both = tfstab.assess(classifier(), dataset(), on_state=PlainLines(said.append), **given)
    assert {family.name for family in both.figures.families} == {"dim", "fog"}
    assert "1 degradation measured on 9 images; 1 other was measured before" in said
    (tmp_path / "a" / "dim").rename(tmp_path / "a" / "rain")
    with pytest.raises(RunError, match=r"holds other files \(rain\)"):
        tfstab.assess(classifier(), dataset(), **given)


def test_code_that_was_imported_before_the_file_changed_is_said_to_be_old(use, tmp_path):
    use(CODE)
    (tmp_path / "changed_dim.py").write_text(OTHER)
    with pytest.warns(UserWarning, match=r"^changed_dim\.py has changed since it was imported, and 'dim' is measured"):
        run = sweep(tmp_path / "run")
    assert open_run(run.path).complete
