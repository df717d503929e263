"""The triple of an image that is being searched."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.gui.content.predictions import class_label, says
from tfstab.gui.content.triple import Triple
from tfstab.gui.jobs.live import LiveImage
from tfstab.search.norm import GREY, get_norm, sized

if TYPE_CHECKING:
    from tfstab.search import SearchRun


def live_triple(live: LiveImage, run: "SearchRun") -> Triple:
    """Return clean image, best noise so far and degraded image of an image being searched; `live.noise` must be set."""
    assert live.noise is not None
    clean, row, names = run.clean, run.clean.row(live.image), run.class_names
    image, actual = clean.images[row], int(clean.class_index[row])
    scores = clean.scores[row]
    degraded = np.clip(image + live.noise, 0, 255).astype(np.float32)
    norm = get_norm(run.config.norm)
    what = "misclassified" if live.flipped else f"still {names[actual]}"
    facts = (
        (
            f"{clean.title(live.image)}, being searched",
            (("True class", class_label(actual, names)), ("Result so far", live.state)),
        ),
        ("Search", (("Generations", f"{live.generation:,}"), ("Queries", f"{live.queries:,}"))),
        (
            "Noise",
            (
                (norm.title, sized(norm, live.norm, ".2f")),
                *(((f"{norm.title} / 255", f"{live.norm / 255:.4f}"),) if norm.name in GREY else ()),
                *((("Linf", f"{np.abs(live.noise).max():.2f}"),) if norm.name != "linf" else ()),
            ),
        ),
    )
    return Triple(
        title=f"{clean.title(live.image)}, generation {live.generation}",
        clean=image,
        noise=live.noise,
        degraded=degraded,
        clean_says=says(int(scores.argmax()), float(scores.max()), names),
        degraded_says=what,
        facts=facts,
    )
