"""All measures of two sweeps whose predictions are given, and their plots, as last recorded (`make frozen`)."""

from pathlib import Path

import numpy as np
import pytest
from frozen import check, in_words
from report.figures_in_words import described

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.report import sweep_json
from tfstab.report.sweep_image_tables import image_facts, image_table
from tfstab.sweep.metrics import METRICS

IMAGES, CLASSES = 12, 4
HERE = Path(__file__).parent


def made(folder, config, seed):
    """Images of which the later ones are wrong in more copies; the last of each class is wrong when clean."""
    rng = np.random.default_rng(seed)
    labels = np.arange(IMAGES) % CLASSES
    strength = np.abs(np.array(config.severities) - config.degradation.neutral)
    shape = IMAGES, len(config.severities), config.copies
    lost = rng.random(shape) < (strength / strength.max() * np.linspace(0.05, 0.9, IMAGES)[:, None])[..., None]
    predicted = np.where(
        lost, (labels[:, None, None] + rng.integers(1, CLASSES, shape)) % CLASSES, labels[:, None, None]
    )
    clean = np.where(np.arange(IMAGES) < IMAGES - 2, labels, (labels + 1) % CLASSES)
    psnr = np.float32(40 - 20 * rng.random(shape))
    places = rng.permutation(50)[:IMAGES]
    return made_sweep(folder / "run", config, predicted, labels, clean, places, psnr, CLASSES)


CONFIGS = {
    "noise": SweepConfig(sigmas=(40, 10, 80, 20), copies=12),
    "jpeg": SweepConfig(degradation="jpeg", severities=(10, 50, 90)),
    "common": SweepConfig(sigmas=(5, 60), copies=3, common_noise=True),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_measures_of_a_sweep(name, tmp_path):
    run = made(tmp_path, CONFIGS[name], seed=len(name))
    m = run.measures
    lines = in_words("measures", m)
    for share in (0.0, 0.4):
        lines += in_words(f"failing_severity({share})", m.failing_severity(share))
    for only in (True, False):
        lines += in_words(f"weakest_images({only})", m.weakest_images(only))
        lines += in_words(f"intervals of classes({only})", m.intervals.class_metrics(None, only))
        lines += in_words(
            f"intervals of classes({only}) at a severity", m.intervals.class_metrics(run.severities[0], only)
        )
        lines += in_words(f"classes({only})", run.class_metrics(run.severities[-1], only))
    lines += in_words("weakest_classes", m.weakest_classes()) + in_words("json", sweep_json(run))
    lines += [f"{metric.text(metric.title, run.degradation)}: {metric.shown(m)}" for metric in METRICS.values()]
    if m.can_certify:
        lines += in_words("largest_certified", m.largest_certified()) + in_words("radii", m.certified_radii("clean"))
    image = int(run.clean.indices[3])
    for table in (image_facts(run, image), image_table(run, image)):
        lines += [table.title, *(" | ".join(map(str, row)) for row in table.text_rows())]
    figures = described(run.plot()) + (described(run.plot(image)) if name == "noise" else [])
    lines += [*run.summary().splitlines(), *run.to_pandas().to_csv(float_format="%.6g").splitlines(), *figures]
    check(HERE / "frozen" / f"{name}.txt", [line.replace(str(tmp_path), "HERE") for line in lines])
