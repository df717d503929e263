"""Every number of a sweep can be made again from its key; metrics count what the rows say."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from sklearn.metrics import precision_recall_fscore_support

from tfstab import Classifier, SweepConfig, run_sweep
from tfstab.errors import InputError, RunError
from tfstab.sweep.config import PAPER_SIGMAS

CONFIG = SweepConfig(sigmas=(10, 60, 120), copies=7, seed=3)


@pytest.fixture(scope="module")
def digits_with_a_wrong_one(digit_scores, digits):
    """30 digits, one of which the network gets wrong when clean."""
    wrong = np.flatnonzero(digit_scores.argmax(1) != digits.labels)[0]
    return digits.select(np.sort(np.append(digits.take(29).indices, wrong)))


@pytest.fixture(scope="module")
def run(mnist_lenet, digits_with_a_wrong_one, tmp_path_factory):
    return run_sweep(mnist_lenet, digits_with_a_wrong_one, CONFIG, tmp_path_factory.mktemp("sweep") / "run")


def test_the_papers_settings_and_the_defaults():
    config = SweepConfig(preset="paper")
    assert config.severities == PAPER_SIGMAS == (1, 2, 4, 8, 10, 14, 18, 20, 25, 30, 35, 40)
    assert config.rows_per_image == 1800
    assert SweepConfig().severities == PAPER_SIGMAS and SweepConfig().copies == 20
    for wrong, said in (({"preset": "papers"}, "did you mean 'paper'"), ({"preset": "paper", "copies": 9}, "makes 150"),
                        ({"preset": "paper", "degradation": "fog"}, "expected no preset for fog")):  # fmt: skip
        with pytest.raises(InputError, match=said):
            SweepConfig(**wrong)


def test_there_is_one_row_for_each_image_sigma_and_copy(run):
    table = run.samples().to_pandas()
    assert len(table) == 30 * 3 * 7
    assert not table.duplicated(["image", "severity", "copy"]).any()
    assert set(table["image"]) == set(run.clean.indices)


def test_any_degraded_image_is_made_again_and_scores_what_is_stored(run, mnist_lenet):
    rng = np.random.default_rng(0)
    for _ in range(20):
        image, severity_index, copy = rng.choice(run.clean.indices), rng.integers(3), rng.integers(7)
        row = run.sample(image, severity_index, copy)
        degraded = run.degraded_image(image, severity_index, copy)
        scores = mnist_lenet.scores(degraded[None])[0]
        assert scores.argmax() == row["predicted"]
        assert scores.max() == np.float32(row["score"])
        assert scores[row["class_index"]] == np.float32(row["true_score"])
        clean = run.clean.images[run.clean.row(image)].astype(np.float32)
        assert row["psnr"] == pytest.approx(peak_signal_noise_ratio(clean, degraded, data_range=255), abs=1e-4)
        assert row["severity_index"] == severity_index and row["severity"] == CONFIG.severities[severity_index]
        assert row["degradation"] == "gaussian_noise"


def test_the_noise_of_an_image_does_not_depend_on_what_is_swept_beside_it(
    run, mnist_lenet, digits, tmp_path, monkeypatch
):
    monkeypatch.setattr("tfstab.sweep.running.in_large_batches", lambda classifier: classifier)
    image = int(run.clean.indices[4])
    alone = run_sweep(mnist_lenet.with_batch_size(16), digits.between(image, image + 1), CONFIG, tmp_path / "alone")
    assert alone.samples(image=image).equals(run.samples(image=image))


def test_clean_scores_are_kept(run, mnist_lenet):
    assert np.array_equal(run.clean.scores, mnist_lenet.scores(run.clean.images))
    assert (~run.clean.correct).sum() == 1


def test_metrics_count_the_rows(run):
    table = run.samples().to_pandas()
    precision, recall, _, support = precision_recall_fscore_support(
        table["class_index"], table["predicted"], labels=range(10), zero_division=np.nan
    )
    metrics = run.class_metrics()
    np.testing.assert_allclose(metrics.precision, precision)
    np.testing.assert_allclose(metrics.recall, recall)
    np.testing.assert_array_equal(metrics.support, support)
    right_when_clean = set(run.clean.indices[run.clean.correct])
    for entry in run.accuracy_by_severity():
        rows = table[table["severity"] == entry.severity]
        kept = rows[rows["image"].isin(right_when_clean)]
        assert entry.accuracy == pytest.approx((rows["class_index"] == rows["predicted"]).mean())
        assert entry.accuracy_of_clean_correct == pytest.approx((kept["class_index"] == kept["predicted"]).mean())
        assert run.class_metrics(entry.severity).total == len(rows)
        assert run.class_metrics(entry.severity, clean_correct=True).total == len(kept)


def test_samples_can_be_asked_for_by_class_sigma_image_and_column(run):
    part = run.samples(class_index=4, severity=60, columns=["image", "score"])
    assert part.column_names == ["image", "score"]
    whole = run.samples().to_pandas()
    assert len(part) == ((whole["class_index"] == 4) & (whole["severity"] == 60)).sum() > 0
    for wrong in ({"class_index": 10}, {"severity": 61}, {"columns": ["colour"]}):
        with pytest.raises(InputError):
            run.samples(**wrong)
    with pytest.raises(RunError, match="not in this run"):
        run.samples(image=4999 if 4999 not in run.clean.indices else 4998)


def test_a_run_is_opened_without_tensorflow(run):
    code = (
        "import sys, tfstab; run = tfstab.open_run(sys.argv[1]); image = int(run.clean.indices[0]);"
        "run.degraded_image(image, 0, 0); run.samples(image=image);"
        "assert not {'tensorflow', 'keras', 'pygad'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(run.path)], check=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sigmas": ()}, {"sigmas": (-1,)}, {"sigmas": (float("nan"),)}, {"sigmas": (1, 1)}, {"sigmas": (0,)},
        {"sigmas": (1e-60,)}, {"sigmas": (1e39,)},
        {"copies": 0}, {"copies": 40_000}, {"copies": 2.5}, {"seed": -1}, {"seed": 0.5},
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match="expected"):
        SweepConfig(**wrong)


def test_images_that_the_model_does_not_take_are_refused(mnist_lenet, digits, tmp_path):
    from dataclasses import replace

    small = replace(digits.take(5), images=digits.take(5).images[:, :20])
    with pytest.raises(InputError, match="takes"):
        run_sweep(mnist_lenet, small, CONFIG, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_sweep_that_grows_keeps_its_batch_size_as_scores_may_depend_on_it(digits, tmp_path):
    """Processors add numbers of batches of another size in another order; this model shows the size itself."""
    pixels = keras.Input((28, 28, 1))
    shown = keras.layers.Lambda(lambda x: x * keras.ops.cast(keras.ops.shape(x)[0], "float32") / 1e6)(pixels)
    model = keras.Model(pixels, keras.layers.Dense(10)(keras.layers.Flatten()(shown)))
    config, sweeps = SweepConfig(sigmas=(10, 60), copies=2), []
    for name, counts in (("grown", (5, 150)), ("alone", (150,))):
        for count in counts:
            run = run_sweep(Classifier(model), digits.take(count), config, tmp_path / name, as_is=True)
        rows = run.samples().to_pandas().sort_values(["image", "severity", "copy"]).reset_index(drop=True)
        sweeps.append(rows)
    assert sweeps[0].equals(sweeps[1])
