"""From the noise that an engine found to its result."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.config import SearchConfig
from tfstab.search.repair import nearest_uint8
from tfstab.search.result import HISTORY, MinimumNoise
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def make_result(
    classifier: "Classifier", task: Task, config: SearchConfig, noise: np.ndarray, *, queries: int, generations: int,
    seconds: float, stop_reason: str, history: list[tuple[float, float, float, float]],
) -> MinimumNoise:
    """Score the degraded image once more and gather what is reported of it. noise: (G,) or (H, W, C)."""
    noise = noise.reshape(task.clean.shape).astype(np.float32)
    degraded = np.clip(task.clean + noise, 0, 255)[None]
    norm = np.array([np.linalg.norm(noise.astype(np.float64))])
    evaluation = task.evaluate(classifier.log_scores(degraded), norm, config)
    found = bool(evaluation.flipped[0])
    return MinimumNoise(
        image=task.image,
        class_index=task.class_index,
        found=found,
        clean=task.clean,
        noise=noise,
        scores=classifier.scores(degraded)[0],
        clean_scores=task.clean_scores,
        l2_uint8=nearest_uint8(classifier, task, noise) if found else float("nan"),
        objective=float(evaluation.objective[0]),
        queries=queries,
        generations=generations,
        stop_reason=stop_reason,
        history=np.array(history, np.float64).reshape(-1, len(HISTORY)),
        seconds=seconds,
    )
