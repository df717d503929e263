"""Two networks measured on the same degraded images, again with more time."""

import numpy as np

from tfstab import Classifier, load_dataset
from tfstab.assessment.before_after import BeforeAfter
from tfstab.assessment.plan import Clock
from tfstab.degradations import get_degradation


def test_more_time_adds_images_and_copies_to_both_networks(tmp_path):
    images = load_dataset("mnist-5k").take(12)

    def scores(batch):
        return np.eye(10)[(batch.mean(axis=(1, 2, 3)).astype(int)) % 10] * 0.9 + 0.01

    networks = [Classifier.from_function(scores, (28, 28, 1), 10, fingerprint=version) for version in ("v1", "v2")]
    families = [get_degradation(name) for name in ("gaussian_noise", "fog")]

    def measured(seconds):
        """Numbers of images and of copies under noise, the same for both networks."""
        before, after = BeforeAfter(*networks, images, families, tmp_path, Clock(seconds)).measure()
        numbers = {(len(runs[0].clean.indices), runs[0].config.copies) for runs in (before, after)}
        assert len(numbers) == 1 and {run.config.copies for run in (before[1], after[1])} == {1}
        return numbers.pop()

    few, copies = measured(0.001)
    assert few <= len(images) and copies == 1
    many, copies = measured(5)
    assert many == len(images) and copies > 1
