"""The triple of a generation of a finished search, with the noise that was the best one then."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.gui.content.predictions import class_label, says
from tfstab.gui.content.triple import Facts, Triple
from tfstab.search.norm import get_norm, sized
from tfstab.search.result import HISTORY

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise, SearchRun
    from tfstab.search.course import Course

SHARE = HISTORY.index("share_misclassified")


def replay_triple(result: "MinimumNoise", course: "Course", generation: int, run: "SearchRun") -> Triple:
    """Return clean image, noise and degraded image of the last generation kept up to this one, counted from 1."""
    kept, noise = course.at(generation)
    names, title = run.class_names, run.clean.title(result.image)
    actual, clean_class = result.class_index, int(result.clean_scores.argmax())
    degraded = np.clip(result.clean + noise, 0, 255).astype(np.float32)
    noise = (degraded - result.clean).astype(np.float32)
    norm = get_norm(result.norm)
    flipped = bool((result.history[:kept, SHARE] > 0).any())
    facts: Facts = (
        (
            f"{title}, generation {kept:,}",
            (("True class", class_label(actual, names)), ("Misclassified", "yes" if flipped else "not yet")),
        ),
        (
            "Noise of this generation",
            (
                (norm.title, sized(norm, float(norm.length(noise.reshape(-1))), ".2f")),
                *((("Linf", f"{np.abs(noise).max():.2f}"),) if norm.name != "linf" else ()),
                ("Kept", f"of {len(course.generations)} generations, rounded to 1/127 of the largest value"),
            ),
        ),
    )
    return Triple(
        title=f"{title}, generation {kept:,} of {result.generations:,}",
        clean=result.clean,
        noise=noise,
        degraded=degraded,
        clean_says=says(clean_class, float(result.clean_scores.max()), names),
        degraded_says=f"generation {kept:,}: " + ("misclassified" if flipped else f"still {names[clean_class]}"),
        facts=facts,
    )
