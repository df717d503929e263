"""Sentences on clean accuracy, weak classes and minimum noise."""

import math

from tfstab.assessment.classes import ClassFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.noise import NoiseFigures
from tfstab.assessment.ranking import others, weak_classes
from tfstab.assessment.words import at_least, number, percent, severity
from tfstab.metrics import Estimate
from tfstab.names import printed, shortened

CLASSES = 3  # weak classes that have a sentence of their own
LONGEST = 60  # characters of a class's or an image's name


def name(text: str) -> str:
    """Return a name, which may come from a stranger's file, so that it fits into a sentence."""
    return shortened(printed(text), LONGEST)


def guessing(figures: Figures) -> bool:
    """Whether the accuracy of clean images is not above that of guessing, beyond doubt."""
    return len(figures.classes) > 1 and not figures.clean.low > 1 / len(figures.classes)


def clean_finding(figures: Figures) -> Finding:
    """Return how many clean images are right."""
    text = f"Of the clean images it gets {percent(figures.clean)} right; {figures.images:,} were tested."
    if guessing(figures):
        chance = 100 / len(figures.classes)
        text += (
            f" That is not more, beyond doubt, than guessing among {len(figures.classes)} classes would get "
            f"({chance:.3g} %), so the other figures may mean nothing: check what inputs the model expects, and the "
            "order of its classes."
        )
        return Finding("clean", "bad", text)
    return Finding("clean", "good" if figures.clean.low > 0.9 else "mid", text)


def class_findings(figures: Figures) -> list[Finding]:
    """Return which classes are weaker than the others, what they are mistaken for, and an example of each."""
    classes = figures.weakest_classes
    if len(classes) < 2:
        return []
    weak = weak_classes(classes)
    if not weak:
        lowest = min(classes, key=lambda c: c.accuracy.high)
        text = (
            f"No class is weaker than the others beyond doubt. The nearest to it is class {name(lowest.name)}: over "
            f"all degradations {percent(lowest.accuracy)} of its images are right; {lowest.images:,} were tested."
        )
        return [Finding("classes", "unsure", text, (lowest.name,))]
    found = [_class_finding(one, figures) for one in weak[:CLASSES]]
    if len(weak) > CLASSES:
        more = [name(c.name) for c in weak[CLASSES:]]
        shown = ", ".join(more[:8]) + (f" and {len(more) - 8} more" if len(more) > 8 else "")
        found.append(
            Finding("classes", "bad", f"Weaker than the others too: {shown}.", tuple(c.name for c in weak[CLASSES:]))
        )
    return found


def _class_finding(one: ClassFigures, figures: Figures) -> Finding:
    """Return how weak a class is, what it is mistaken for, and an example."""
    rest = others(figures.weakest_classes)[figures.weakest_classes.index(one)]
    text = (
        f"Class {name(one.name)} is weaker than the others: over all degradations {percent(one.accuracy)} of its "
        f"images are right, of the others {percent(rest)}; when clean {percent(one.clean)} of its images are."
    )
    if one.mistaken_for is not None and one.share_of_errors is not None:
        taken = name(figures.classes[one.mistaken_for])
        text += f" In {percent(one.share_of_errors)} of its errors it is taken for {taken}"
        example = one.example()
        family = figures.family(example.family) if example else None
        if example and family:
            image = name(family.run.clean.name(example.image))
            text += f", as {image} is under {family.title}, {severity(family.run.degradation, example.severity)}"
        text += "."
    return Finding("class", "bad", text, (one.name,))


def noise_finding(figures: Figures) -> Finding | None:
    """Return the typical minimum noise, and how much more random noise the same images tolerate."""
    noise = figures.noise
    if noise is None:
        return None
    if not noise.found:
        return Finding("noise", "unsure", f"The search found no noise that flips any of {noise.count:,} images.")
    text = f"The smallest noise found that flips a typical image has an L2 of {_around(noise.l2, 'grey levels')}"
    low, high = noise.quartiles
    if math.isfinite(high):
        text += f"; the quartiles of {noise.count:,} images are {number(low)} and {number(high)}"
    else:
        text += f"; {noise.count:,} images were searched"
    if noise.found < noise.count:
        text += f", and for {noise.count - noise.found:,} of them none was found"
    return Finding("noise", "mid", f"{text}. {_tolerance(noise)}".strip())


def _tolerance(noise: NoiseFigures) -> str:
    """Return how much more random noise the same images tolerate."""
    ratio = noise.random_ratio
    if ratio is None or ratio.low == 0:
        return ""
    if math.isinf(ratio.value):
        return (
            f"Of {noise.compared:,} of these images at least half stand the strongest Gaussian noise of the sweep: "
            f"random noise must be at least {at_least(ratio.low)} times as large."
        )
    return f"Of random noise the same images tolerate {_around(ratio, 'times as much')} ({noise.compared:,} images)."


def _around(e: Estimate, unit: str) -> str:
    """Return a median with its interval in words: "42 (36–49) grey levels"."""
    if math.isinf(e.high):
        least = "of unknown precision" if e.low == 0 else f"at least {at_least(e.low)}"
        return f"{number(e.value)} {unit} ({least})" if math.isfinite(e.value) else f"at least {at_least(e.low)} {unit}"
    return f"{number(e.value)} {unit} ({number(e.low)}–{number(e.high)})"
