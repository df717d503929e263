"""The weighted averages that a hardening tried, as its model card lists them, and what the limit excluded."""

import math
from dataclasses import dataclass
from typing import Any

from tfstab.training.remedies.averaging import ROUNDING, ShareFigures
from tfstab.training.remedies.measure import ACCURACY, MEAN_RECALL
from tfstab.wording import capital

MATTERS = 0.01  # accuracy that the limit must have cost to be worth a sentence beside the verdict
Z = 1.96  # standard errors within which a loss may be above the limit by chance


@dataclass(frozen=True)
class TriedShares:
    """Averages of the original and the fine-tuned weights, with their accuracies on validation images.

    Attributes
    ----------
    rows : tuple of ShareFigures
        The averages, the original network first.
    chosen : ShareFigures
        The one that was adopted; the original if none was.
    limit : float
        Percentage points of clean accuracy that may be lost.
    images : int
        Number of validation images; 0 if the card does not say it.
    measure : str
        What the figures are: the accuracy or, where one class is common, the mean recall of the classes.
    """

    rows: tuple[ShareFigures, ...]
    chosen: ShareFigures
    limit: float
    images: int
    measure: str = ACCURACY

    @property
    def original(self) -> ShareFigures:
        """The original network."""
        return self.rows[0]

    @property
    def better(self) -> ShareFigures | None:
        """The average that is most accurate on degraded images, if the limit excluded it; else None."""
        best = max(self.rows, key=lambda row: (row.degraded, row.clean, -row.share))
        return best if best.degraded > self.chosen.degraded + ROUNDING and not self.allows(best) else None

    @property
    def larger(self) -> ShareFigures | None:
        """`better`, if it is at least a point better than the average adopted, and with a larger share; else None."""
        best = self.better
        if best is None or best.degraded < self.chosen.degraded + MATTERS:
            return None
        return best if 0 < self.chosen.share < best.share else None

    def allows(self, row: ShareFigures) -> bool:
        """Return whether an average loses no more clean accuracy than the limit allows."""
        return row.clean >= self.original.clean - self.limit / 100 - ROUNDING

    def lost(self, row: ShareFigures) -> float:
        """Return how many percentage points of clean accuracy an average loses; negative if it gains some."""
        return 100 * (self.original.clean - row.clean)

    def needed(self, row: ShareFigures) -> float:
        """Return the lowest limit, in tenths of a percentage point, that allows an average."""
        return max(0.0, math.ceil(10 * self.lost(row) - 1e-6) / 10)

    def by_chance(self, row: ShareFigures) -> bool:
        """Return whether the validation images are too few to tell that an average loses more than the limit allows.

        At least as many images change as are lost in sum, so the standard error of this sum is at least its root.
        """
        lost, allowed = (points / 100 * self.images for points in (self.lost(row), self.limit))
        return lost - allowed < Z * math.sqrt(max(0.0, lost))


def tried_shares(card: dict[str, Any]) -> TriedShares | None:
    """Read the averages that were tried from the model card of a hardening; None for one without training.

    Raises
    ------
    ValueError, KeyError, TypeError
        The card is damaged. Call this within `damage_reported` if it was read from a file.
    """
    seen = card["validation"]
    if "by_share" not in seen:
        return None
    rows = tuple(ShareFigures(row["share"], row["clean"], row["degraded"]) for row in seen["by_share"])
    limit, images = card["settings"]["keep_clean"], seen.get("images", 0)
    figures = [number for row in rows for number in (row.share, row.clean, row.degraded)]
    if not all(type(number) in (int, float) and 0 <= number <= 1 for number in figures):
        raise ValueError("by_share has figures that are not shares from 0 to 1")
    if type(limit) not in (int, float) or not 0 <= limit <= 100 or type(images) is not int or images < 0:
        raise ValueError("keep_clean or the number of validation images is damaged")
    chosen = [row for row in rows if row.share == card["share_of_new_weights"]]
    if not chosen or rows[0].share != 0:
        raise ValueError("by_share lacks the original weights or the ones that were chosen")
    return TriedShares(rows, chosen[0], limit, images, measure_of(card))


def measure_of(card: dict[str, Any]) -> str:
    """Return by which measure a hardening chose its remedy or its weights."""
    return MEAN_RECALL if card["validation"].get("measure") == MEAN_RECALL else ACCURACY


def check_tried(card: dict[str, Any]) -> None:
    """Check what a report shows of a model card; raises ValueError, KeyError or TypeError if it is damaged."""
    tried_shares(card)
    if not isinstance(card["settings"]["against"], dict):
        raise ValueError("against is not an object")
    for row in card["validation"].get("compared", ()):
        numbers = [row["clean"], row["degraded"], row["gain_points"], *row["interval_95"]]
        if len(numbers) != 5 or not all(type(number) in (int, float) for number in numbers):
            raise ValueError("a remedy that was compared has damaged figures")
        if not isinstance(row["about"], str) or type(row["inference_cost"]) is not int or "remedy" not in row:
            raise ValueError("a remedy that was compared lacks its name or its cost")


def excluded_sentence(tried: TriedShares) -> str:
    """Return which better average the limit for clean accuracy excluded, and which limit allows it; "" if none."""
    best = tried.better
    if best is None:
        return ""
    return (
        f"{capital(_loss(tried, best))}. {_limit(tried, best)} allows this loss. It was the best of {len(tried.rows)} "
        "averages on these images, so it may gain less on others."
    )


def limited_sentence(tried: TriedShares | None) -> str:
    """Return that the limit for clean accuracy left a smaller share of the fine-tuned weights, and what that cost.

    "" if it did not. If the validation images are too few to tell whether the loss is above the limit, it says so.
    """
    if tried is None or (best := tried.larger) is None:
        return ""
    told = (
        f"Because of the limit for clean {tried.measure}, the hardened weights are {_shares(tried.chosen.share)}: "
        f"{_loss(tried, best)}, and {_limit(tried, best)} allows this loss."
    )
    if tried.images and tried.by_chance(best):
        told += " With so few images, it is largely chance whether the loss is above the limit."
    return told


def best_of_sentence(tried: TriedShares) -> str:
    """Return that the average in `limited_sentence` may gain less than it says; "" if there is none."""
    if (best := tried.larger) is None:
        return ""
    return (
        f"On other images, the gain with {_weights(best.share)} may be smaller, as it was the largest of "
        f"{len(tried.rows)} on these."
    )


def _limit(tried: TriedShares, best: ShareFigures) -> str:
    """Return the option that allows the loss of an average, for the command line and for Python."""
    points = f"{tried.needed(best):g}"
    return f"`--keep-clean {points}` (in Python keep_clean={points})"


def _loss(tried: TriedShares, best: ShareFigures) -> str:
    """Return how much better an average is on degraded images than the chosen one, and what it loses, as a clause."""
    images = f" {tried.images:,}" if tried.images else ""
    counted = tried.images and tried.measure == ACCURACY  # a point of mean recall is no number of images
    lost = f" ({_count(tried, tried.lost(best)):,} of {tried.images:,} images)" if counted else ""
    allowed = f" ({_count(tried, tried.limit):,} of {tried.images:,})" if counted else ""
    return (
        f"with {_weights(best.share)}, {tried.measure} on{images} degraded validation images is "
        f"{100 * best.degraded:.1f} % instead of {100 * tried.chosen.degraded:.1f} %, but {tried.lost(best):.1f} "
        f"points of clean {tried.measure} are lost{lost}; the limit is {tried.limit:g} point{'s' * (tried.limit != 1)}"
        f"{allowed}"
    )


def unchanged_sentence(tried: TriedShares) -> str:
    """Return why the original weights were kept."""
    if excluded := excluded_sentence(tried):
        return excluded
    images = f"{tried.images:,} degraded" if tried.images else "degraded"
    better = "is more accurate" if tried.measure == ACCURACY else "has a higher mean recall"
    return (
        f"None of the weighted averages with fine-tuned weights {better} on {images} "
        f"validation images than the original ({100 * tried.original.degraded:.1f} %)."
    )


def _weights(share: float) -> str:
    """Return which weights an average has, in words."""
    if share == 1:
        return "the fine-tuned weights alone"
    return f"an average of {_shares(share)} weights"


def _shares(share: float) -> str:
    """Return the shares of both weights in an average, in words."""
    return f"{100 * share:.0f} % fine-tuned and {100 - 100 * share:.0f} % original"


def _count(tried: TriedShares, points: float) -> int:
    """Return how many whole validation images so many percentage points are."""
    return math.floor(points / 100 * tried.images + 1e-6)
