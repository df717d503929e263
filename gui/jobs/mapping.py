"""The question "atlas": a map of clean and degraded images of a run, by the features that a model sees in them.

A map of principal components comes first. t-SNE, which takes much longer, is computed in a thread of its own, so that
other questions are answered meanwhile.
"""

import functools
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import RunError

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

CLEAN = -1  # in place of the number of a state
BLOCK = 64  # images degraded and looked at in one step
AXES = 50  # principal components from which t-SNE starts
PERPLEXITY = 30.0
ITERATIONS = 500
ANGLE = 0.8  # of the Barnes-Hut approximation: 0.5, which is scikit-learn's, takes twice as long for a map much alike
LEAST = 3  # points that a map needs
PAUSE = 0.05  # s between two looks at whether t-SNE has ended
Part = tuple[str, dict[str, Any]]


def atlas(classifier: "Classifier", arguments: dict[str, Any]) -> Iterator[Part | None]:
    """Yield "share" (of the images that are looked at), then "points", then "tsne".

    The arguments are the `keys` (n, 3) of the points (image, number of its state or CLEAN, copy); the folder of the
    `run` that has the clean images; and of each state the folder and the severity index, in `folders` and `severities`.
    "points" has the classes `predicted` (n,), the `map` (n, 2) of principal components and the shares of variance that
    they explain; "tsne" has a `map` alone. Without layers that can be seen, the log-scores take the place of features.
    """
    keys = np.asarray(arguments["keys"], np.int64)
    images = _Images(arguments, classifier)
    small = classifier.with_batch_size(BLOCK)
    look = _reader(small)
    features, predicted = [], []
    for start in range(0, len(keys), BLOCK):
        some = np.stack([images.of(*key) for key in keys[start : start + BLOCK].tolist()])
        scores = small.scores(some)
        predicted.append(scores.argmax(axis=1))
        features.append(np.log(np.maximum(scores, 1e-12)) if look is None else look(some))
        yield "share", {"share": min(1.0, (start + BLOCK) / len(keys))}
    points, explained = principal(np.concatenate(features), keys[:, 1] == CLEAN)
    values = {"predicted": np.concatenate(predicted), "map": points[:, :2], "explained": explained[:2]}
    yield "points", values | {"features": look is not None}
    if len(points) > LEAST:
        yield from _embedded(points)


class _Images:
    """Clean and degraded images of runs, each opened when it is first needed."""

    def __init__(self, arguments: dict[str, Any], classifier: "Classifier") -> None:
        self._clean, self._folders, self._severities = (arguments[name] for name in ("run", "folders", "severities"))
        self._classifier = classifier
        self._runs: dict[str, Any] = {}

    def of(self, image: int, state: int, copy: int) -> NDArray[np.float32]:
        """Return the image (H, W, C) with this key."""
        run = self._run(self._clean if state == CLEAN else self._folders[state])
        if state == CLEAN:
            return np.asarray(run.clean.images[run.clean.row(image)], np.float32)
        return degraded_image(run, image, self._severities[state], copy)

    def _run(self, folder: str) -> Any:
        from tfstab.runs import open_run

        if folder not in self._runs:
            run = open_run(folder)
            if run.info["model"]["fingerprint"] != self._classifier.fingerprint:
                raise RunError(f"{folder} contains another run than before: open it again.")
            self._runs[folder] = run
        return self._runs[folder]


def degraded_image(run: Any, image: int, severity_index: int, copy: int) -> NDArray[np.float32]:
    """Return a degraded image (H, W, C) of a sweep; a search has one for each image."""
    from tfstab.search import SearchRun

    if isinstance(run, SearchRun):
        return np.asarray(run.result(image).degraded, np.float32)
    return np.asarray(run.degraded_image(image, severity_index, copy), np.float32)


def _reader(classifier: "Classifier") -> Any:
    """Return a function that returns the features (n, F) of images, or None if the model's layers cannot be seen."""
    from tfstab.classifier.layers import networks_of
    from tfstab.explanation.features import MOST_FEATURES, FeatureReader

    networks = networks_of(classifier)
    most = MOST_FEATURES // max(1, len(networks))
    readers = [
        classifier.kept(f"features {k}", functools.partial(FeatureReader, network, classifier, most))
        for k, network in enumerate(networks)
    ]
    return (lambda images: np.concatenate([read(images) for read in readers], axis=1)) if readers else None


def principal(features: NDArray[np.float32], clean: NDArray[np.bool_]) -> tuple[NDArray[np.float32], np.ndarray]:
    """Project features (n, F) on the principal components of the clean images, (n, AXES or fewer but at least 2).

    Returns also the shares of variance that the components explain.
    """
    from sklearn.decomposition import PCA

    axes = min(AXES, int(clean.sum()), features.shape[1])
    # The sign of each axis follows from its largest component, so that the map does not flip from run to run.
    pca = PCA(axes, random_state=0).fit(features[clean])
    points = np.pad(pca.transform(features), ((0, 0), (0, max(0, 2 - axes))))
    return np.asarray(points, np.float32), np.pad(pca.explained_variance_ratio_, (0, max(0, 2 - axes)))


def _embedded(points: NDArray[np.float32]) -> Iterator[Part | None]:
    """Yield None until t-SNE of points (n, F) has ended in its thread, then its map as "tsne"."""
    outcome: dict[str, Any] = {}
    ended = threading.Event()

    def work() -> None:
        try:
            outcome["map"] = tsne(points)
        except Exception as error:
            outcome["error"] = error
        ended.set()

    threading.Thread(target=work, daemon=True).start()
    while not ended.wait(PAUSE):
        yield None
    if "error" in outcome:
        raise outcome["error"]
    yield "tsne", outcome


def tsne(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the t-SNE (n, 2) of points (n, F), begun at their first two columns."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    start = points[:, :2] / max(float(points[:, 0].std()), 1e-12) * 1e-4  # as init="pca" scales it
    embedding = TSNE(
        perplexity=min(PERPLEXITY, (len(points) - 1) / 3),
        init=start.astype(np.float32),
        max_iter=ITERATIONS,
        angle=ANGLE,
        random_state=0,
    )
    with threadpool_limits(1):  # more threads would wait for each other while a run is being made
        return np.asarray(embedding.fit_transform(points), np.float32)
