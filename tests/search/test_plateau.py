"""A model whose scores change in steps, as a quantised one: searches without gradients say what this means."""

import warnings

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, brightness, classifier, dataset, search

from tfstab import Classifier, SearchConfig, run_search, search_minimum_noise
from tfstab.assessment.figures import Figures
from tfstab.assessment.noise_findings import noise_finding
from tfstab.assessment.noise_search import NoiseSearch
from tfstab.errors import InputError
from tfstab.experiments.comparison import compare
from tfstab.gui.content.entry import Entry
from tfstab.gui.content.search_overview import overview_of_search
from tfstab.report.numbers import big_numbers
from tfstab.search.plateau import IN_STEPS

FEW = SearchConfig(max_queries=100)


def rounded_inputs(images):
    """As a model that takes whole grey levels."""
    return brightness(np.rint(images))


def rounded_scores(images):
    """As a model whose scores are whole numbers of 8 bits."""
    scores = np.rint(255 * brightness(images))
    return scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("function", [rounded_inputs, rounded_scores])
def test_a_search_says_that_scores_in_steps_hide_smaller_noise(tmp_path, function):
    model = classifier(function, function.__name__)
    with pytest.warns(UserWarning, match="The model's scores change in steps"):
        search_minimum_noise(model, dataset(), config=FEW)
    data = dataset()
    run = run_search(model, data.take(6), FEW, tmp_path / "steps")
    assert run.notes == [IN_STEPS] and IN_STEPS in run.summary()
    figures = Figures.of([run])
    assert IN_STEPS in noise_finding(figures).text
    assert "even less than a tenth. Do not compare this noise with that of another model" in IN_STEPS
    (noise,) = [number for number in big_numbers(figures) if "smallest noise" in number.what]
    assert "an upper bound only: even less than a tenth of it may be enough" in noise.what
    assert IN_STEPS in overview_of_search(run, ("steps", [Entry.of(result) for result in run])).verdict[0]
    assert run_search(model, data, FEW, tmp_path / "steps").notes == [IN_STEPS]  # resumed with more images
    with pytest.raises(InputError, match=r"change in steps, .* Compare these models by their accuracy under noise\.$"):
        compare(run, search(tmp_path / "plain", queries=100))


@pytest.mark.parametrize(("function", "engine"), [(rounded_scores, "labels"), (brightness, "pygad")])
def test_an_assessment_searches_by_labels_alone_if_scores_are_in_steps(tmp_path, function, engine):
    model, right = classifier(function, function.__name__), dataset().select([0, 1])
    search = NoiseSearch(model, right, tmp_path, 0, 120.0, 0.001, 1.0)
    assert (search.config.engine, search.config.max_queries) == (engine, 5_000)


def test_nothing_is_said_of_scores_that_follow_slight_noise_or_of_labels(tmp_path):
    given = {"fingerprint": "labels", "outputs": "labels", "class_names": NAMES}
    labels = Classifier.from_function(lambda images: brightness(images).argmax(axis=1), (SIDE, SIDE, 1), 3, **given)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search_minimum_noise(classifier(), dataset(), config=FEW)
        search_minimum_noise(labels, dataset(), config=SearchConfig("labels", max_queries=100))
    assert search(tmp_path / "plain").notes == []
