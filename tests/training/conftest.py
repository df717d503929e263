"""What the tests of hardening share."""

import time

import pytest
import tensorflow as tf

from tfstab.training.finetune import FineTuning


@pytest.fixture
def no_training(monkeypatch):
    """no_training(each): from now on a step of a hardening calls each(step) and shrinks some weights.

    For tests that look at the number, the times or the files of the steps: compiling real ones takes a second.
    """

    def stand_in(each=lambda step: time.perf_counter()):  # a clock of the test goes on when it is read
        def take(tuning, step):
            each(step)
            weight = tuning.classifier.model.trainable_variables[0]
            weight.assign(0.99 * weight)
            return tf.constant(0.0)

        monkeypatch.setattr(FineTuning, "compile", lambda tuning: None)
        monkeypatch.setattr(FineTuning, "take", take)

    return stand_in
