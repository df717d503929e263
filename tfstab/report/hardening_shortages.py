"""What there was no time for in a hardening, in sentences, and what to do."""

from typing import TYPE_CHECKING

from tfstab.experiments.remedy_text import unmeasured_sentence
from tfstab.report.harden_time import USEFUL
from tfstab.report.hardening_limits import chosen_on
from tfstab.training.hardening_card import shortened_sentence
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.report.hardening import Hardening

NARROWER = "Run the same command again for narrower intervals: it does not train again."


def compared_on_few(hardening: "Hardening") -> str:
    """Return on how few images the models were compared for lack of time, and what to do; "" if on all."""
    if hardening.comparison is None:
        return ""
    used, clean = len(hardening.comparison.images), len(hardening.comparison.on_clean.images)
    if used >= hardening.available:
        return ""
    whole = f"all {clean:,}" if clean == hardening.available else f"{clean:,} of {hardening.available:,}"
    return (
        f"For lack of time, the models were compared under degradations on only {used:,} test images, and when clean "
        f"on {whole}. {too_few(hardening) or NARROWER}"
    )


def too_few(hardening: "Hardening") -> str:
    """Return what to do if too few images were degraded for intervals of use, as a sentence; "" if there are enough."""
    if hardening.enough_minutes is None:
        return ""
    return (
        "These are too few for useful intervals: run the same command again with "
        f"`--minutes {hardening.enough_minutes}` (in Python minutes={hardening.enough_minutes}), enough for about "
        f"{min(USEFUL, hardening.available)} images. It does not train again."
    )


def unmeasured(hardening: "Hardening") -> str:
    """Return which degradations were not measured for lack of time, and what to do, in sentences; "" if all were."""
    if hardening.comparison is None or not hardening.left_out:
        return ""
    told = unmeasured_sentence(len(hardening.comparison.families), hardening.left_out)
    return f"{told} Run the same command again to measure more of them: it does not train again."


def shortages(hardening: "Hardening") -> list[str]:
    """Return what else there was no time for: training steps, validation images, minimum noise, in sentences."""
    told = list(filter(None, [shortened_sentence(hardening.card)]))
    if (few := chosen_on(hardening.card)) is not None:
        used, available = few
        chosen = "remedy was" if "cannot_train" in hardening.card else "weights were"
        told.append(f"For lack of time, the {chosen} chosen on only {used:,} of {available:,} validation images.")
    return [*told, *_without_noise(hardening)]


def _without_noise(hardening: "Hardening") -> list[str]:
    """Return that minimum noise was not compared, or for fewer images than planned; [] if that is not so."""
    if hardening.comparison is None or not hardening.searches:
        return []
    if hardening.comparison.unlike:
        return [f"Minimum noise is not compared: {hardening.comparison.unlike}"]
    if hardening.comparison.search is None:
        return ["Minimum noise was not measured, for lack of time: run the same command again."]
    found = next((change for change in hardening.comparison.changes if change.name == "minimum_noise"), None)
    if found is not None and found.told:
        return _few_searched(hardening)
    count = 0 if found is None else found.images
    return [
        f"Minimum noise was found for both models in only {counted(count)}, too few to say whether it changes: run "
        "the same command again for more."
    ]


def _few_searched(hardening: "Hardening") -> list[str]:
    """Return that minimum noise was searched for in fewer images than planned; [] if it was not."""
    search = None if hardening.comparison is None else hardening.comparison.search
    if search is None or search.first.complete:
        return []
    done, planned = len(search.first.images), int(search.first.info["data"]["images"])
    return [
        f"For lack of time, minimum noise was searched for in only {done:,} of {planned:,} images. Run the same "
        "command again for more."
    ]
