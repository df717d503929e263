"""Where the walks of a refinement start: at the noise found, at the clean image, between and around earlier ends."""

import numpy as np
from numpy.typing import NDArray

from tfstab.search.result import MinimumNoise
from tfstab.search.sparse import walk_type
from tfstab.search.task import Task
from tfstab.search.walks import Walk

TOWARDS = 3  # leading other classes, towards each of which a walk starts from the clean image
FAR = 3.0  # length of the random noise that is added to the noise found, as a share of its own
MEANS = (2, 3, 5)  # numbers of ends with the least noise, at whose means walks start
# Ends around which walks start, by their rank, and how long the random noise is that is added, as a share of ||r||.
SHAKEN = ((0, 0.5), (0, 0.2), (1, 0.5))
VARIED = len(MEANS) + len(SHAKEN) + 1
RANKS = 6  # the ends with the least noise, two of which give a difference


def first_walks(task: Task, result: MinimumNoise, count: int, steps: int, rng: np.random.Generator) -> list[Walk]:
    """Return the first walks of one image.

    One starts from the noise found, one towards each of the leading other classes from the clean image, and the others
    from the noise found with random noise of three times its length added. If the noise found does not flip, or is no
    good start (`Walk.can_start`), its walk comes after those from the clean image.

    Parameters
    ----------
    task : Task
        The image.
    result : MinimumNoise
        What the engine found.
    count : int
        Number of walks, at most.
    steps : int
        Steps of each walk.
    rng : numpy.random.Generator
        Draws the random noise.
    """
    found = task.goal.leading(result.scores)[0]
    noise = result.noise.reshape(-1).astype(np.float64)
    towards = task.goal.leading(task.clean_scores)[: TOWARDS if task.goal.any_rival else 1]
    kind = walk_type(task.norm)
    length = float(task.norm.length(noise)) if result.found else np.inf
    walks = [kind(task, noise, found, length)]
    from_clean = [kind(task, np.zeros_like(noise), rival, fixed=True) for rival in towards]
    walks = walks + from_clean if kind.can_start(length, steps) else from_clean + walks
    while len(walks) < count:
        walks.append(kind(task, _shaken(task, noise, FAR, rng), found))
    return walks[:count]


def varied_walks(ends: list[Walk], rng: np.random.Generator) -> list[Walk]:
    """Return `VARIED` walks that start between and around the ends of earlier ones.

    Close to a local minimum of ||r|| there are many others, because the boundary of a network of rectifiers has many
    kinks. Means and differences of ends, and small random noise, lead from one to another.

    Parameters
    ----------
    ends : list of Walk
        Walks that have ended, of one image, by rising norm of their least noise; at least one.
    rng : numpy.random.Generator
        Draws random noise and pairs of ends.
    """
    task, rival = ends[0].task, ends[0].rival
    alike = [end.best for end in ends if end.rival == rival]
    starts = [(np.mean(alike[:count], axis=0), rival) for count in MEANS]
    for rank, share in SHAKEN:
        end = ends[min(rank, len(ends) - 1)]
        starts.append((_shaken(task, end.best, share, rng), end.rival))
    pair = 1 + rng.permutation(max(2, len(ends[:RANKS]) - 1))[:2]
    first, second = (ends[k % len(ends)].best for k in pair)
    starts.append((ends[0].best + first - second, rival))
    return [type(ends[0])(task, _within(task, noise), towards) for noise, towards in starts]


def _shaken(task: Task, noise: np.ndarray, share: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return noise (G,) within grey levels that is changed at random, by a share of its own length."""
    return _within(task, task.norm.shaken(noise, task.free, share, rng))


def _within(task: Task, noise: np.ndarray) -> NDArray[np.float64]:
    """Return noise (G,) cut off where it would leave the grey levels."""
    return np.asarray(np.clip(task.pixels + noise, 0, 255) - task.pixels, np.float64)
