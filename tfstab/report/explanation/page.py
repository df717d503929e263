"""What the page of an explanation shows: the cause in words, big numbers, and a block for each topic."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.assessment import words
from tfstab.explanation import ExplanationRun
from tfstab.explanation.cause import causes_of
from tfstab.explanation.gain import layer_table
from tfstab.explanation.lead import lead
from tfstab.explanation.noisy_copies import kept_under_noise
from tfstab.glossary import terms
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.median import estimate_median
from tfstab.metrics.shares import share
from tfstab.report.charts import interval
from tfstab.report.explanation.drawing import Drawing, drawing
from tfstab.report.explanation.topics import sections_of
from tfstab.report.numbers import Number, clean_number
from tfstab.report.page import Section
from tfstab.report.tables import Table
from tfstab.wording import counted

SHORT = ("cause", "layers")  # the topics that a chapter shows beside other measurements

# Terms that the page explains elsewhere, or that mean something else here: a search's margin is one of scores.
ELSEWHERE = ("margin", "seed", "fingerprint", "copy")


@dataclass(frozen=True)
class TopicBlock:
    """A topic on the page.

    Attributes
    ----------
    id, title : str
        Its anchor and heading.
    lines, warnings : sequence of str
        Paragraphs, and highlighted ones above them.
    parts : sequence of Table or Drawing
        Tables and figures.
    terms : sequence of str
        Terms of the glossary that occur here and not in an earlier block.
    """

    id: str
    title: str
    lines: Sequence[str]
    warnings: Sequence[str]
    parts: Sequence[Table | Drawing]
    terms: Sequence[str]


def topic_blocks(sections: dict[str, Section], told: str = "") -> list[TopicBlock]:
    """Return the blocks of sections, with each term of the glossary where it occurs first.

    told: what the page says above them; a line that is part of it is not repeated.
    """
    blocks, explained = [], set[str]()
    for name, section in sections.items():
        terms = [term for term in terms_in(section) if term not in explained]
        explained |= set(terms)
        parts = [part if isinstance(part, Table) else drawing(part) for part in section.parts]
        lines = [line for line in section.lines if line not in told]
        if lines or section.warnings or parts:
            blocks.append(TopicBlock(name, section.title, lines, section.warnings, parts, terms))
    return blocks


def terms_in(section: Section) -> list[str]:
    """Return the terms of the glossary that a section's texts use, in the order of the glossary."""
    texts = [section.title, *section.lines, *section.warnings]
    for part in section.parts:
        texts += [part.title, *part.columns, *part.notes] if isinstance(part, Table) else [part.caption]
    text = "\n".join(texts)
    for term in sorted(terms(), key=len, reverse=True):  # "minimum noise" before "noise"
        place = list(terms()).index(term)
        text = re.sub(rf"(?<!\w){re.escape(term)}s?(?!\w)", f"\0{place}\0", text, flags=re.IGNORECASE)
    places = {int(place) for place in re.findall(r"\0(\d+)\0", text)}
    return [term for place, term in enumerate(terms()) if place in places and term not in ELSEWHERE]


def cause_in_words(run: ExplanationRun) -> str:
    """Return the verdict: the causes, and the evidence of the clearest one."""
    causes = causes_of(run)
    return f"{lead(run)} {causes[0].text}" if causes else lead(run)


def big_numbers_of(run: ExplanationRun) -> list[Number]:
    """Return up to four numbers: clean accuracy, minimum noise, what random noise leaves, and the gain for noise."""
    clean = accuracy_of(run.clean.correct)
    images = f"of {counted(len(run.clean.correct))}"
    numbers = [clean_number(clean, run.info, f"{images}{_and(_range(interval(clean)))}")]
    if not len(run.rows):
        return numbers
    found = run.arrays("noise") if run.has("noise") else {}
    l2 = found["l2"][found["found"]] if found else np.empty(0)
    if len(l2):
        middle = estimate_median(l2)
        ends = f"{words.number(middle.low)}–{words.number(middle.high)}" if math.isfinite(middle.high) else ""
        images = f"median of {counted(len(l2))}"
        ends = f"{ends} with 95 % confidence" if ends else ""
        each = words.number(middle.value / math.sqrt(run.clean.images[0].size))
        what = "grey levels: the minimum noise, which changes the prediction; it is as large as if each value "
        what += f"of the image were changed by {each} grey levels"
        numbers.append(Number(f"L2 {words.number(middle.value)}", what, f"{images}{_and(ends)}"))
    kept = kept_under_noise(run)
    if not math.isnan(kept.value):
        what = f"of the noisy copies are right at sigma {run.config.sigma:g}, of images right when clean"
        images = f"of {counted(int(run.clean.correct[run.rows].sum()))}"
        numbers.append(Number(share(kept), what, f"{images}{_and(_range(interval(kept)))}"))
    layers = layer_table(run)
    if layers and layers[-1].network == 0:  # of an ensemble, each member has its own
        gain = layers[-2].gain
        what = "relative gain for noise at the last layer before the logits (at the input, it is 1)"
        images = f"median of {counted(len(run.rows))}"
        numbers.append(
            Number(f"{gain.value:.2f}", what, f"{images}; {gain.low:.2f}–{gain.high:.2f} with 95 % confidence")
        )
    return numbers


def _range(ends: str) -> str:
    """Return an interval in words, or ""."""
    return f"{ends} % with 95 % confidence" if ends else ""


def _and(ends: str) -> str:
    """Return an interval in words after something else, or ""."""
    return f"; {ends}" if ends else ""


def short_sections(run: ExplanationRun) -> dict[str, Section]:
    """Return the sections that a chapter shows beside other measurements."""
    return {name: section for name, section in sections_of(run).items() if name in SHORT}
