"""Makes the explanations kept in `explained`: python tests/report/record_explained.py, then `make frozen`.

Only needed when the format of a run changes, as the numbers that a network gives differ a little from machine to
machine.
"""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path += [str(HERE.parent), str(HERE.parent / "explanation")]

from networks import agreeing, convolutional, images  # noqa: E402

from tfstab import Classifier, Dataset, make_ensemble  # noqa: E402
from tfstab.explanation import ExplanationConfig, run_explanation  # noqa: E402

SHAPE = (12, 12, 1)


def main() -> None:
    """Replace both runs by new ones."""
    shutil.rmtree(HERE / "explained", ignore_errors=True)
    network = Classifier(convolutional(SHAPE, 4, seed=1), batch_size=16)
    right = agreeing(network, images(14, SHAPE, 4, seed=2))
    labels = right.labels.copy()
    labels[[2, 9]] = (labels[[2, 9]] + 1) % 4
    shown = Dataset.from_arrays("random", "test", right.images, labels, right.class_names)
    run_explanation(network, shown, ExplanationConfig(copies=6, max_queries=3000), HERE / "explained/network")
    ensemble = make_ensemble([convolutional(SHAPE, 4, seed=seed) for seed in (1, 5)])
    few = agreeing(ensemble, shown.take(6))
    layers = ExplanationConfig(copies=6, max_queries=2000, only=("layers",))
    run_explanation(ensemble, few, layers, HERE / "explained/ensemble")
    for left in [*HERE.glob("explained/*/log.jsonl"), *HERE.glob("explained/*/run.lock")]:
        left.unlink()


main()
