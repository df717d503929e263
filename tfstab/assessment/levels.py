"""The levels of an accuracy kept: their limits, and what charts call them."""

BREAKS = 0.5  # a family breaks a network if less than this share of its accuracy is kept
HARMLESS = 0.9  # a family hardly touches it if more than this share is kept
LEVELS = {
    "bad": f"keeps less than {100 * BREAKS:g} %",
    # A class may lose recall where the accuracy shows no loss: see `ranking.Standing.level`.
    "mid": f"{100 * BREAKS:g} to {100 * HARMLESS:g} %, or a class loses more than a tenth of its recall",
    "good": f"more than {100 * HARMLESS:g} %",
}
# Explains the marks of families for which `ranking.Standing.sure` is false.
OPEN = (
    "not decided, because the measured images do not show which level applies, or whether a class loses more than a "
    "tenth of its recall (a mark may be open although the interval drawn lies within one level, because deciding all "
    "degradations at once takes wider intervals)"
)
# Where other clean images, which were not degraded, are right.
NONE_KEPT = (
    "None of the few images that were degraded is right when clean, so the accuracy kept is not known: give more "
    "minutes to measure more images."
)
NOTHING_KEPT = "No clean image is right, so degraded images can keep no share of the accuracy."
ABOVE = "More than 100 % is kept where degraded images are right more often than the clean ones."


def level_of(kept: float) -> str:
    """Return the level of an accuracy kept, a key of `LEVELS`."""
    return "bad" if kept < BREAKS else "mid" if kept <= HARMLESS else "good"
