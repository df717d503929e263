"""What an overview says about the leading confusions, and tool tips about the shares of confusions."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.assessment.figures import Figures
from tfstab.assessment.verdict import verdict
from tfstab.gui.content.assessment_overview import overview_of_assessment
from tfstab.gui.content.comparison import CLEAN, Compared
from tfstab.gui.content.confusion import UNSHOWN, confusions
from tfstab.gui.content.overview import Swept, overview_of_sweep


@pytest.fixture
def swept(tmp_path):
    """Returns a function that makes a sweep of two or more classes, from the class that each image is taken for."""

    def make(*taken, clean=None):
        """taken: for each class, the classes that its images are taken for, by their numbers of images."""
        labels = np.concatenate([np.full(sum(of.values()), k) for k, of in enumerate(taken)])
        predicted = np.concatenate([np.repeat(list(of), list(of.values())) for of in taken])
        config = SweepConfig(sigmas=(10, 20), copies=1)
        run = made_sweep(
            tmp_path / "run", config, predicted[:, None, None], labels, clean, classes=max(len(taken), 2), name="made"
        )
        return Swept("run", run)

    return make


SAID = [
    ([{0: 20, 1: 30}, {1: 48, 0: 2}], "0 → 1 is certainly the most frequent."),
    ([{0: 35, 1: 15}, {1: 38, 0: 12}], "Not decided which of the first 2 is the most frequent."),
    ([{0: 30, 1: 10, 2: 10}, {1: 40, 0: 10}, {2: 49, 0: 1}], "Not decided which of the first 3 is the most frequent."),
    ([{0: 47, 1: 3}, {1: 50}], UNSHOWN),
    ([{0: 20, 1: 30}], ""),  # only class 0 has images, so nothing else could be taken for another class
    ([{0: 50}, {1: 50}], ""),
]


@pytest.mark.parametrize(("taken", "said"), SAID)
def test_an_overview_says_whether_the_first_confusion_is_certainly_ahead(swept, taken, said):
    assert overview_of_sweep(swept(*taken)).leading == said


def test_an_assessment_says_the_same_of_the_sweep_that_it_shows_in_detail(swept):
    taken, said = SAID[0]
    run = swept(*taken).run
    figures = Figures.of([run])
    shown = overview_of_assessment("own", figures, verdict(figures), (), range(4)).shown
    assert shown.leading == said


def test_tool_tips_give_intervals_by_images_and_the_opposite_confusion(swept):
    of = swept({0: 40, 1: 10}, {1: 48, 0: 2}, {2: 30}, clean=[0] * 45 + [1] * 5 + [1] * 50 + [2] * 30)
    (pair, *_) = overview_of_sweep(of).pairs
    both = "95 % interval from 50 images: 10–34 %. The other way round: 4 % (0–14)."
    assert pair.said == "20 % of its copies" and pair.certainty == both
    compared = Compared("run", of.run.class_names, of.measures, of.run.clean)
    (every,) = confusions([compared], None, False)
    assert every.certainty(0, 1) == both
    assert every.certainty(1, 0) == "95 % interval from 50 images: 0–14 %. The other way round: 20 % (10–34)."
    assert every.certainty(2, 2) == "95 % interval from 30 images: 88–100 %."
    (right,) = confusions([compared], 10, True)
    assert right.certainty(0, 1).startswith("95 % interval from 45 images: ")
    (clean,) = confusions([compared], CLEAN, False)  # Wilson's interval, as of all shares of clean images
    assert clean.certainty(0, 1) == "95 % interval from 50 images: 4–22 %. The other way round: 0 % (0–8)."
    (missing,) = confusions([compared], 15, False)
    assert missing.certainty(0, 1) == ""
