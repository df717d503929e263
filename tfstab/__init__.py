"""tfstab measures how stable an image classifier is against image degradation.

The method is that of Aghdam, Heravi and Puig, *Analyzing the Stability of Convolutional Neural Networks against Image
Degradation*. Each public name is imported when it is first used (PEP 562), so `import tfstab` is fast and does not
import TensorFlow.

Every public name has an example in its documentation; the variables below are used in all of them.

Examples
--------
>>> from pathlib import Path
>>> import numpy as np
>>> import tfstab
>>> classifier = tfstab.load_classifier("mnist-lenet")
>>> digits = tfstab.load_dataset("mnist-5k").take(10)
>>> few = tfstab.SearchConfig(max_queries=1_000)
>>> search = tfstab.run_search(classifier, digits.take(3), few, "runs/search")
>>> sweep = tfstab.run_sweep(classifier, digits, tfstab.SweepConfig(sigmas=(10, 80), copies=20), "runs/sweep")
>>> search.complete, len(sweep.samples())
(True, 400)
"""

from typing import TYPE_CHECKING

from tfstab.lazy import importing

__version__ = "0.1.0"

_HOMES = {
    "Assessment": "tfstab.assessment.opened",
    "Classifier": "tfstab.classifier",
    "Dataset": "tfstab.datasets",
    "Evaluation": "tfstab.experiments",
    "ExplanationConfig": "tfstab.explanation",
    "ExplanationRun": "tfstab.explanation",
    "Failure": "tfstab.explanation.failure",
    "FolderFindings": "tfstab.report.folder_findings",
    "MinimumNoise": "tfstab.search",
    "PictureFindings": "tfstab.explanation.picture",
    "SearchConfig": "tfstab.search",
    "SearchProgress": "tfstab.search",
    "SearchRun": "tfstab.search",
    "Stop": "tfstab.search",
    "SweepConfig": "tfstab.sweep",
    "SweepRun": "tfstab.sweep",
    "assess": "tfstab.report.assess",
    "build_model": "tfstab.models",
    "compare": "tfstab.report.comparing",
    "evaluate": "tfstab.experiments",
    "explain": "tfstab.report.explain",
    "explain_failure": "tfstab.explanation.failure",
    "harden": "tfstab.report.harden",
    "inspect_picture": "tfstab.orders.picture",
    "inspect_pictures": "tfstab.report.inspect_pictures",
    "load_classifier": "tfstab.models",
    "load_dataset": "tfstab.datasets",
    "make_ensemble": "tfstab.models",
    "minimum_noise_callback": "tfstab.search",
    "open_assessment": "tfstab.assessment.opened",
    "open_run": "tfstab.runs",
    "run_search": "tfstab.search",
    "run_sweep": "tfstab.sweep",
    "search_minimum_noise": "tfstab.search",
    "train": "tfstab.training",
}

if TYPE_CHECKING:
    from tfstab.assessment.opened import Assessment, open_assessment
    from tfstab.classifier import Classifier
    from tfstab.datasets import Dataset, load_dataset
    from tfstab.experiments import Evaluation, evaluate
    from tfstab.explanation import ExplanationConfig, ExplanationRun
    from tfstab.explanation.failure import Failure, explain_failure
    from tfstab.explanation.picture import PictureFindings
    from tfstab.models import build_model, load_classifier, make_ensemble
    from tfstab.orders.picture import inspect_picture
    from tfstab.report.assess import assess
    from tfstab.report.comparing import compare
    from tfstab.report.explain import explain
    from tfstab.report.folder_findings import FolderFindings
    from tfstab.report.harden import harden
    from tfstab.report.inspect_pictures import inspect_pictures
    from tfstab.runs import open_run
    from tfstab.search import (
        MinimumNoise,
        SearchConfig,
        SearchProgress,
        SearchRun,
        Stop,
        minimum_noise_callback,
        run_search,
        search_minimum_noise,
    )
    from tfstab.sweep import SweepConfig, SweepRun, run_sweep
    from tfstab.training import train

__all__ = [
    "Assessment",
    "Classifier",
    "Dataset",
    "Evaluation",
    "ExplanationConfig",
    "ExplanationRun",
    "Failure",
    "FolderFindings",
    "MinimumNoise",
    "PictureFindings",
    "SearchConfig",
    "SearchProgress",
    "SearchRun",
    "Stop",
    "SweepConfig",
    "SweepRun",
    "__version__",
    "assess",
    "build_model",
    "compare",
    "evaluate",
    "explain",
    "explain_failure",
    "harden",
    "inspect_picture",
    "inspect_pictures",
    "load_classifier",
    "load_dataset",
    "make_ensemble",
    "minimum_noise_callback",
    "open_assessment",
    "open_run",
    "run_search",
    "run_sweep",
    "search_minimum_noise",
    "train",
]


_MODULES = {"assessment", "datasets", "degradations", "errors", "execution", "experiments", "metrics", "models"}
_MODULES |= {"report", "runs", "sweep", "training"}

__getattr__, __dir__ = importing(__name__, _HOMES, __all__, _MODULES)
