"""The search of a group of images: tasks for those that need noise, the engine, the refinement."""

from collections.abc import Callable, Iterator

import numpy as np

from tfstab.classifier import Classifier
from tfstab.errors import InputError, TfstabError
from tfstab.names import shortened
from tfstab.plugins import failure, passes
from tfstab.runs import CleanImages
from tfstab.search.aim import Aim
from tfstab.search.config import SearchConfig
from tfstab.search.engine import Engine
from tfstab.search.engines import get_engine, registered_engine, take_engine
from tfstab.search.norm import get_norm
from tfstab.search.progress import Observer, OnGeneration
from tfstab.search.refine import Refiner
from tfstab.search.result import HISTORY, MinimumNoise
from tfstab.search.run import part_name
from tfstab.search.task import Task
from tfstab.search.trace import StopReason
from tfstab.wording import as_given, listed

# Images, configuration, aim, and the engine if it was registered in this process: a worker of a cluster lacks it.
Group = tuple[CleanImages, SearchConfig, Aim, Engine | None]


def groups_of(
    clean: CleanImages, groups: list[np.ndarray], config: SearchConfig, aim: Aim
) -> Iterator[tuple[str, Group]]:
    """Yield the images of each group of rows as a shard of work."""
    engine = registered_engine(config.engine)
    for rows in groups:
        some = clean.select(rows)
        yield part_name(some.indices[0]), (some, config, aim, engine)


def search_group(
    classifier: Classifier,
    group: Group,
    on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None,
) -> None:
    """Search a group of images and report each result. A result does not depend on the images searched beside it."""
    clean, config, aim, engine = group
    if engine is not None:
        take_engine(config.engine, engine)
    search_clean(classifier, clean, config, aim, on_result, on_generation)


def search_clean(
    classifier: Classifier,
    clean: CleanImages,
    config: SearchConfig,
    aim: Aim,
    on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None,
) -> None:
    """Search the images that do not reach the goal yet, refine if asked to, and report the results of all images."""
    reached = aim.reached(clean)
    for row in np.flatnonzero(reached):
        on_result(_misclassified_when_clean(clean, int(row), config.norm))
    left = clean.select(np.flatnonzero(~reached))
    tasks = {task.image: task for task in _tasks(classifier, left, aim, config.norm)}
    refiner = Refiner(classifier, config, on_result) if config.refine else None

    def hand_out(result: MinimumNoise) -> None:
        if refiner is not None and result.stop_reason != StopReason.OBSERVER:  # a stopped search is not continued
            refiner.add(tasks[result.image], result)
        else:
            on_result(result)

    observer = Observer(on_generation)
    _run_engine(classifier, tasks, config, hand_out, observer)
    if refiner is not None:
        refiner.abandon() if observer.stopped else refiner.finish()


def _run_engine(
    classifier: Classifier,
    tasks: dict[int, Task],
    config: SearchConfig,
    hand_out: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Let the engine search the tasks; raise InputError if it fails or does not hand out one result for each task."""
    search, left = get_engine(config.engine).search, set(tasks)
    ours = str(getattr(search, "__module__", "")).startswith("tfstab.")  # whose errors are errors of tfstab

    def take(result: MinimumNoise) -> None:
        if not isinstance(result, MinimumNoise) or result.image not in left:
            image = getattr(result, "image", None)
            what = as_given(result) if image is None else f"a second result for image {image}, or one it was not given"
            raise InputError(f"engine '{config.engine}' returned {shortened(what, 200)}: fix its function.")
        left.remove(result.image)
        hand_out(result)

    try:
        search(classifier, list(tasks.values()), config, take, observer)
    except (Exception, SystemExit) as error:  # code of others may raise anything
        if ours or isinstance(error, TfstabError | OSError) or passes(error, take, type(observer).show):
            raise
        raise InputError(f"engine '{config.engine}' fails ({failure(error, search)}): fix its function.") from error
    if left and not observer.stopped:
        images = f"image{'s' * (len(left) > 1)} {listed([str(image) for image in sorted(left)])}"
        raise InputError(
            f"engine '{config.engine}' returned no result for {images}: fix its function, which "
            "must call on_result for each task, also where it finds no noise."
        )


def _tasks(classifier: Classifier, clean: CleanImages, aim: Aim, norm: str) -> Iterator[Task]:
    """Yield a task for each image."""
    log_scores = classifier.log_scores(clean.images)
    for row, (image, label) in enumerate(zip(clean.indices, clean.class_index, strict=True)):
        goal = aim.goal(int(label))
        scored = clean.images[row], clean.scores[row], log_scores[row]
        yield Task(int(image), goal, *scored, aim.mask, get_norm(norm))


def _misclassified_when_clean(clean: CleanImages, row: int, norm: str) -> MinimumNoise:
    """Return the result of an image that needs no noise: r = 0, without a search."""
    scores, class_index = clean.scores[row], int(clean.class_index[row])
    return MinimumNoise(
        image=int(clean.indices[row]),
        class_index=class_index,
        found=True,
        clean=clean.images[row],
        noise=np.zeros(clean.images.shape[1:], np.float32),
        scores=scores,
        clean_scores=scores,
        l2_uint8=0.0,
        objective=float(scores.max() - scores[class_index]),
        queries=0,
        generations=0,
        stop_reason=str(StopReason.MISCLASSIFIED),
        history=np.empty((0, len(HISTORY))),
        seconds=0.0,
        norm=norm,
        size_uint8=0.0,
    )
