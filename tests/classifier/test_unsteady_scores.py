"""A model that gives other scores when asked again is refused."""

import numpy as np
import pytest
from clothes_models import CLASSES, EVEN, NAMES, SIDE, said, trained

from tfstab import Classifier, Dataset, run_search
from tfstab.classifier.input_note import as_reported
from tfstab.errors import WrongInputsError
from tfstab.search import SearchConfig

NOISE = np.random.default_rng(0)


def drawing_noise(images):
    return trained("none").function(images) + NOISE.normal(0, 3, (len(images), CLASSES))


def looking_at_the_batch(images):
    return trained("none").function(images - images.mean(axis=0) + 128)


def nearly_the_same(images):
    return trained("none").function(images) + NOISE.normal(0, 0.01, (len(images), CLASSES))


@pytest.mark.parametrize(
    ("function", "unsteady"), [(drawing_noise, True), (looking_at_the_batch, True), (nearly_the_same, False)]
)
def test_a_model_whose_scores_are_not_reproducible_is_refused(function, unsteady, clothes, tmp_path):
    model = Classifier.from_function(
        function, (SIDE, SIDE, 1), CLASSES, fingerprint="any", outputs="logits", class_names=NAMES, name="any"
    )
    if not unsteady:
        assert said(model, clothes) == ""
        return
    with pytest.raises(WrongInputsError, match=r"any gives different scores for the same images: when some .* batch"):
        run_search(model, clothes, SearchConfig(max_queries=100), tmp_path / "run")
    assert not (tmp_path / "run" / "run.json").exists()
    noted = as_reported(said(model, clothes))
    assert noted.startswith("any gives") and "or on how images are put into batches" in noted
    exchanged = Dataset.from_arrays("clothes", "test", clothes.images, np.choose(EVEN, [1, 0, 2, 3, 4]), NAMES)
    assert "Use --classes boot,bag,".lower() in said(model, exchanged).lower(), "what else was noticed follows"
