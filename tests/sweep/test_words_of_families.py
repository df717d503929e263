"""What a family of degradations says of itself is what a sweep of it does and is called."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from made_runs import made_sweep
from tfstab import Classifier, Dataset, SweepConfig, open_run, run_sweep
from tfstab.degradations import GAUSSIAN_NOISE, get_degradation, register
from tfstab.errors import InputError
from tfstab.report import sweep_json
from tfstab.report.sweep_files import save_sweep_files
from tfstab.sweep.table import SCHEMA

SPECKLE = SweepConfig(degradation="speckle", severities=(0.3, 0.1, 0.7), copies=2)


@pytest.fixture
def grain():
    """Gaussian noise under another name, with words of its own."""
    return register(replace(GAUSSIAN_NOISE, name="grain", title="film grain", noun="", singular="iso", plural="isos"))


def brightness(images):
    logit = (images.mean(axis=(1, 2, 3)) - 128) / 20
    return np.stack([-logit, logit], axis=1)


def test_samples_give_severities_as_they_were_given(tmp_path):
    run = made_sweep(tmp_path / "run", SPECKLE, np.array([[[0, 1], [1, 1], [0, 0]], [[1, 0], [0, 0], [1, 0]]]))
    rows = run.samples().to_pylist()
    assert [row["severity"] for row in run.samples(image=1).to_pylist()] == [0.3, 0.3, 0.1, 0.1, 0.7, 0.7]
    assert all(run.severities[row["severity_index"]] == row["severity"] for row in rows) and "sigma" not in rows[0]
    schema = run.samples(columns=["severity", "severity_index"]).schema
    assert schema.types == [pa.float64(), pa.int16()]
    for index, severity in enumerate(run.severities):
        here = run.samples(severity=severity, columns=["severity_index"])["severity_index"].to_pylist()
        assert here == [index] * 4
        assert run.sample(1, index, 1)["severity"] == severity
    for path in run.parts.values():  # what is stored has not changed
        assert pq.read_schema(path).equals(SCHEMA)
        assert pq.read_table(path)["severity"].to_pylist()[:1] == [np.float32(0.3)]


def test_a_scalable_family_has_common_noise(grain, tmp_path):
    network = Classifier.from_function(brightness, (2, 2, 1), 2, fingerprint="b", outputs="logits")
    pixels = np.array([90, 150], np.uint8)[:, None, None, None] + np.zeros((1, 2, 2, 1), np.uint8)
    config = SweepConfig(degradation="grain", severities=(20, 60), copies=3, common_noise=True)
    run = run_sweep(network, Dataset.from_arrays("tiny", "test", pixels, np.array([0, 1])), config, tmp_path / "run")
    assert run.info["settings"]["common_noise"] and run.info["settings"]["severities"] == [20, 60]
    assert open_run(run.path).config == config
    for row in run.samples().to_pylist():
        degraded = run.degraded_image(row["image"], row["severity_index"], row["copy"])
        assert row["score"] == network.scores(degraded[None]).max()
    near, far = (run.degraded_image(0, index, 1) - 90 for index in (0, 1))
    inside = np.abs(far) < 90
    np.testing.assert_allclose(far[inside], 3 * near[inside], rtol=1e-5)
    assert run.measures.copy_failing_severity.shape == (2, 3)


def test_files_and_json_call_severities_as_the_family_does(grain, tmp_path):
    config = SweepConfig(degradation=grain, severities=(5, 10), copies=12)
    run = made_sweep(tmp_path / "run", config, np.zeros((2, 2, 1)))
    names = {path.name for path in save_sweep_files(run, tmp_path / "tables")}
    assert {"isos.csv", "classes-by-iso.csv", "confusions-by-iso.csv", "certified.csv"} < names
    assert {"isos", "iso50", "by_iso", "certificate"} < set(sweep_json(run))


@pytest.mark.parametrize("words", [{"plural": "../sigmas"}, {"singular": ""}])
def test_words_that_name_files_are_identifiers(words):
    with pytest.raises(InputError, match="expected letters, digits and underscores"):
        replace(get_degradation("fog"), **words)


def test_words_of_a_family_are_plain():
    with pytest.raises(InputError, match="expected plain words"):
        replace(get_degradation("fog"), together="<b>all</b>")
