"""The analysis `noise`: the minimum noise of each image, which others look at."""

from dataclasses import replace

import numpy as np

from tfstab import limits
from tfstab.explanation.analysis import Analysis, Arrays, Field, Material
from tfstab.search import MinimumNoise, SearchConfig
from tfstab.search.aim import Aim
from tfstab.search.group import search_clean

WITHOUT_GRADIENTS = 2000  # queries at least: the genetic search needs more than a walk along gradients


def compute(material: Material) -> Arrays:
    """Search the minimum noise of each image: along the decision boundary, or by PyGAD without gradients."""
    config, clean = material.config, material.clean
    engine = "boundary" if material.classifier.differentiable else "pygad"
    queries = config.max_queries if material.classifier.differentiable else max(config.max_queries, WITHOUT_GRADIENTS)
    settings = SearchConfig(engine, seed=config.seed, max_queries=queries)
    results: list[MinimumNoise] = []
    # Numbered within the block, on which the random numbers depend.
    numbered = replace(clean, indices=np.arange(len(clean.indices)))
    search_clean(material.classifier, numbered, settings, Aim(), results.append)
    results.sort(key=lambda result: result.image)
    return {
        "found": np.array([result.found and result.l2 > 0 for result in results]),
        "l2": np.array([result.l2 if result.found else np.nan for result in results]),
        "noise": np.stack([result.noise if result.found else np.zeros_like(result.noise) for result in results]),
        "predicted": np.array([result.predicted for result in results], np.int64),
        "queries": np.array([result.queries for result in results], np.int64),
    }


NOISE = Analysis(
    "noise",
    compute,
    {
        "found": Field(np.bool_, ("image",)),  # not for an image that is wrong when clean
        "l2": Field(np.floating, ("image",), 0, missing=True),  # 0 if wrong when clean, NaN if none was found
        "noise": Field(np.floating, ("image", "h", "w", "c"), -255, 255),
        "predicted": Field(np.integer, ("image",), 0, along="class"),
        "queries": Field(np.integer, ("image",), 0, limits.MOST_QUERIES),  # checks come on top of `max_queries`
    },
    work=400,
)
