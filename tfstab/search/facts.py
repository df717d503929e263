"""What a search found for one image, as rows of text."""

import math

from tfstab.runs.info import UNKNOWN_CLASS, without_classes
from tfstab.search.norm import get_norm, sized
from tfstab.search.result import MinimumNoise
from tfstab.search.run import SearchRun
from tfstab.wording import counted, scored


def search_facts(run: SearchRun, r: MinimumNoise) -> list[tuple[str, str]]:
    """Return prediction, norms and course of the search of one image, as pairs of names and values."""
    names, norm, known = run.class_names, get_norm(r.norm), not without_classes(run.info)
    true_score = f"{scored(r.clean_scores[r.class_index])} → {scored(r.true_score)}"
    return [
        ("true class", names[r.class_index] if known else UNKNOWN_CLASS),
        ("predicted clean", f"{names[int(r.clean_scores.argmax())]} ({scored(r.clean_scores.max())})"),
        ("predicted degraded", f"{names[r.predicted]} ({scored(r.score)})"),
        *([("true class's score", true_score)] if known else []),
        ("found", "yes" if r.found else "no: the figures below are of the best noise that was tried"),
        ("norm minimised", norm.title),
        ("L2", f"{r.l2:.2f} grey levels"),
        ("L2 / 255", f"{r.l2_unit:.4f}"),
        ("Linf", f"{r.linf:.2f} grey levels"),
        ("L1", f"{r.l1:,.0f} grey levels"),
        ("L0", counted(r.l0, "value")),
        (
            f"{norm.title} of the 8-bit image",
            f"{sized(norm, r.size_uint8, '.2f')} {norm.unit}" if math.isfinite(r.size_uint8) else "none found",
        ),
        ("PSNR", f"{r.psnr:.2f} dB" if math.isfinite(r.psnr) else "infinite: there is no noise"),
        ("margin", f"{r.margin:.5f}"),
        ("objective", f"{r.objective:.6g}"),
        ("queries", f"{r.queries:,}"),
        ("gradients", f"{r.gradients:,}"),
        ("generations", f"{r.generations:,}"),
        ("stopped by", r.stop_reason),
    ]
