"""The question "verdict": whether the photograph or the model is the reason why a picture is misclassified."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def verdict(classifier: "Classifier", arguments: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]] | None]:
    """Yield the `sentence` of the verdict as "verdict"; it is "" if the picture is right.

    The arguments are `images`: the picture as given, then turned, as a negative and so on, as in
    `tfstab.explanation.mix_ups.undone` (1 + W, H, W, C); its true class as `class_index`; and the `folder` of the run
    with whose images it is compared.
    """
    from tfstab.explanation.picture_answer import answer_steps
    from tfstab.runs.info import without_classes

    image, *undone = np.asarray(arguments["images"], np.uint8)
    folder = Path(arguments["folder"])
    run = _opened(folder, (folder / "run.json").stat().st_mtime_ns)
    steps = answer_steps(
        classifier,
        image,
        np.stack(undone),
        run.clean,
        arguments["class_index"],
        with_classes=not without_classes(run.info),
    )
    found = (yield from steps).verdict
    yield "verdict", {"sentence": "" if found is None else found.sentence}


@lru_cache(maxsize=2)
def _opened(folder: Path, _changed: int) -> Any:
    """Return a run, which is kept open because opening it reads all its images."""
    from tfstab.runs import open_run

    return open_run(folder)
