"""Prints the progress of an assessment in plain lines."""

import math
from collections.abc import Callable

from tfstab.assessment.state import AssessmentState, FamilyState, NoiseState
from tfstab.assessment.words import on_images
from tfstab.metrics import Estimate
from tfstab.metrics.shares import percent
from tfstab.warning import warn
from tfstab.wording import counted

NOTE = "note: "  # start of a line that says what limits the results


class PlainLines:
    """Observer of an assessment that prints a line for each finished stage.

    Parameters
    ----------
    say : callable
        Gets each line.
    each : bool
        Whether to say a line for each degradation, too, once it has a first estimate.
    """

    def __init__(self, say: Callable[[str], object], each: bool = False) -> None:
        self._say, self._each = say, each
        self._stage = ""
        self._begun = False
        self._told: set[str] = set()

    def __call__(self, state: AssessmentState) -> None:
        """Say what has been finished since the last call."""
        if self._stage == "":
            for line in state.lines:
                self._say(line)
        if self._stage == "clean" and state.stage == "measuring" and state.clean is not None:
            self._say(clean_line(state.clean, state.images, state.available))
        swept = [family for family in state.families if family.images]
        for family in swept if self._each else ():
            if family.name not in self._told and family.kept is not None and family.estimated:
                self._told.add(family.name)
                self._say(f"{family_line(family, family.kept)}; {max(0, round(state.left))} s left")
        if not self._begun and swept and all(family.estimated for family in state.families):
            self._begun = True
            self._say("every degradation has a first estimate; making them more precise ...")
        if state.stage == "report" != self._stage:
            of = f" of {len(state.families)}" if len(swept) < len(state.families) else ""
            what = f"{len(swept)}{of} degradation{'s' * (len(swept) != 1 or bool(of))}"
            without = sum(not family.estimated for family in swept)
            why = f"; {without} of them without an estimate, because too few images that are right when clean were used"
            more = f", for recalls on up to {state.rare:,} more of the smaller classes" if state.rare else ""
            were = f"; {counted(state.others, 'other')} {'was' if state.others == 1 else 'were'} measured before"
            after = (why if without else "") + (were if state.others else "")
            on = f" {on_images([family.images for family in swept])}" if swept else ""
            self._say(f"{what} measured{on}{more}{after}")
            if state.noise.searched:
                self._say(noise_line(state.noise))
        self._stage = state.stage


class Warnings:
    """Observer of an assessment whose progress nobody reads: warns of each note on model and images."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, state: AssessmentState) -> None:
        """Warn of the notes that are new."""
        notes = {line for line in state.lines if line.startswith(NOTE)}
        for note in sorted(notes - self._told):
            warn(note.removeprefix(NOTE))
        self._told |= notes


def clean_line(clean: Estimate, images: int, available: int = 0) -> str:
    """Return the clean accuracy in a line, and how many images were given if only some are used."""
    more = f" (of {available:,} given)" if available > images else ""
    return f"clean accuracy: {percent(clean, 0)} of {counted(images)}{more}"


def family_line(family: FamilyState, kept: Estimate) -> str:
    """Return in a line how much accuracy is kept under a degradation so far."""
    return f"{family.title}: {percent(kept, 0)} of the accuracy kept, {counted(family.images)}"


def noise_line(noise: NoiseState) -> str:
    """Return what is known of minimum noise in a line."""
    if not noise.searched:
        return "minimum noise: searching ..."
    low, high = noise.quartiles
    if math.isinf(noise.median):
        return f"minimum noise: found for {noise.found or 'none'} of {counted(noise.searched)}"
    median = f"minimum noise: median L2 {_level(noise.median)} grey levels"
    if math.isinf(high):
        return f"{median}, found for {noise.found} of {counted(noise.searched)}"
    return f"{median} (quartiles {_level(low)} and {_level(high)}) of {counted(noise.searched)}"


def _level(value: float) -> str:
    """Return a number of grey levels, with two digits if it is small."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
