"""A run notices that random numbers or a degradation have changed since it was made; its counts are still read."""

import json

import numpy as np
import pytest
from numpy_runs import SIDE, classifier, dataset, search, sweep
from typer.testing import CliRunner

from tfstab import SweepConfig, open_run, run_sweep
from tfstab.cli.app import app
from tfstab.degradations import Degradation, register
from tfstab.errors import RunError
from tfstab.report import write_report
from tfstab.report.changed import changed_notes

IMAGES = dataset(12)
DRAWN = (
    r"NumPy draws different random numbers here \(numpy \S+\) than where the run was made \(numpy 1\.0\): "
    r"install numpy 1\.0"
)


def changed(path, change):
    """Change a run's run.json, as if something else had made it, and open the run."""
    info = json.loads((path / "run.json").read_text())
    change(info)
    (path / "run.json").write_text(json.dumps(info))
    return open_run(path)


def with_other_numpy(info):
    info["probe"]["draws"][0] += 1
    info["environment"]["versions"]["numpy"] = "1.0"


@pytest.mark.filterwarnings("ignore:.*was begun with other versions")
def test_a_sweep_with_other_random_numbers_shows_counts_but_no_images(tmp_path):
    few = IMAGES.select(np.arange(9))
    run = sweep(tmp_path / "run", data=few)
    accuracy = run.measures.accuracy
    run = changed(run.path, with_other_numpy)
    with pytest.raises(RunError, match=f"degraded images of .* cannot be made again, as {DRAWN}"):
        run.degraded_image(0, 0, 0)
    np.testing.assert_array_equal(run.measures.accuracy, accuracy)
    assert sweep(run.path, data=few).complete  # nothing is drawn
    for copies, images in ((9, few), (6, IMAGES)):
        settings = SweepConfig(sigmas=(5, 90, 30), copies=copies)
        with pytest.raises(RunError, match=f"cannot be resumed, as {DRAWN}, or choose another folder"):
            sweep(run.path, settings, images)
    assert open_run(run.path).info == run.info and sweep(run.path, data=few).complete
    next(iter(run.parts.values())).unlink()
    with pytest.raises(RunError, match="cannot be resumed"):
        sweep(run.path, data=few)
    page = write_report([run], tmp_path / "report.html").read_text("utf-8")
    assert "The degraded images of run of brightness cannot be shown, as NumPy draws different random numbers" in page
    told = CliRunner().invoke(app, ["inspect", str(run.path), "--image", "0"])
    assert told.exit_code == 0 and "a copy fails at" in told.stdout and "cannot be shown" in told.stderr


def test_rounding_is_no_change_and_older_runs_have_no_probe(tmp_path):
    path = sweep(tmp_path / "run").path
    image = open_run(path).degraded_image(2, 1, 3)

    def round_otherwise(info):
        info["probe"] = {name: [value + 1e-6 for value in values] for name, values in info["probe"].items()}

    np.testing.assert_array_equal(changed(path, round_otherwise).degraded_image(2, 1, 3), image)
    np.testing.assert_array_equal(changed(path, lambda info: info.pop("probe")).degraded_image(2, 1, 3), image)
    assert sweep(path, SweepConfig(sigmas=(5, 90, 30), copies=7)).complete


def test_a_function_that_depends_on_more_than_its_arguments_is_noticed(tmp_path):
    offset = [0.0]
    mine = Degradation(
        "drift", "drift", "adds what it was given", lambda x, s, rng: x + s + offset[0],
        parameter="step", unit="", severities=(1, 2), neutral=0, low=0, high=9, version="1",
    )  # fmt: skip
    run = run_sweep(classifier(), IMAGES.select(np.arange(9)), SweepConfig(degradation=mine), tmp_path / "run")
    assert run.config.degradation.name == "drift"
    offset[0] = 1.0
    for images in (IMAGES.select(np.arange(9)), IMAGES):  # also if nothing is left to do
        with pytest.raises(RunError, match=r"'drift' makes different images now, as its code, or something .*, has"):
            run_sweep(classifier(), images, SweepConfig(degradation=mine), run.path)


def test_the_original_file_of_a_degradation_is_asked_for_once_for_all_networks(tmp_path):
    darkness = {"parameter": "darkness", "unit": "", "severities": (1, 2), "neutral": 0, "low": 0, "high": 9}
    words = {"name": "dusk", "title": "dusk", "about": "", "version": "1", **darkness}
    config = SweepConfig(degradation=Degradation(function=lambda x, s, rng: x - 5 * s, **words))
    paths = [sweep(tmp_path / name, config, model=classifier(fingerprint=name)).path for name in ("a", "b")]
    register(Degradation(function=lambda x, s, rng: x - 9 * s, **words))
    (note,) = changed_notes([open_run(path) for path in paths])
    assert note.startswith("The degraded images of a of a and b of b cannot be shown, as the degradation makes")
    assert note.endswith(
        "the code has changed or depends on something else; name the original file with --import test_probe.py (in "
        "Python import it before you open the run). The numbers are those of the images that were made at that time."
    )


def test_a_search_is_not_resumed_with_other_random_numbers(tmp_path):
    run = changed(search(tmp_path / "run", IMAGES.select(np.arange(3)), queries=100).path, with_other_numpy)
    assert search(run.path, IMAGES.select(np.arange(3)), queries=100).complete and run.result(0).found
    with pytest.raises(RunError, match=f"cannot be resumed, as {DRAWN}"):
        search(run.path, IMAGES, queries=100)


@pytest.mark.parametrize(
    "probe",
    [3, {"draws": []}, {"draws": [0] * 19, "more": []}, *({"pixels": [x] * 14} for x in ("1", 1e999, 10**400))],
)
def test_a_damaged_probe_is_said(tmp_path, probe):
    path = sweep(tmp_path / "run", data=dataset(2), config=SweepConfig(sigmas=(SIDE,), copies=1)).path
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        changed(path, lambda info: info.update(probe=probe))
