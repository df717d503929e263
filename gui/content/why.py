"""What an explanation says about a network, for the tab of an assessment; runs in a worker."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfstab.gui.content.reports import own_report
from tfstab.gui.jobs.field_words import field_of
from tfstab.metrics import Estimate

if TYPE_CHECKING:
    from tfstab.explanation import ExplanationRun

OVERVIEW = "The Overview judges from all clean images of the assessment which classes are misclassified."


@dataclass(frozen=True)
class Layer:
    """One layer of the network.

    Attributes
    ----------
    name : str
        Its name, with the member of an ensemble.
    gain, margin : Estimate
        Relative gain for noise, and relative margin of the images right when clean; medians over images.
    """

    name: str
    gain: Estimate
    margin: Estimate


@dataclass(frozen=True)
class Why:
    """What an explanation says.

    Attributes
    ----------
    lead : str
        The answer in a sentence.
    causes : tuple of (str, str, str)
        Title and evidence of each cause that stands out, and what helps.
    layers : tuple of Layer
        The layers, from the input to the logits; empty if they could not be looked at.
    images : int
        Number of images on which it rests.
    report : Path or None
        Its report, if there is one.
    unfinished : str
        What it has so far, in words, if it is not finished, else "".
    none_stands_out : bool
        Whether no cause stands out although the images suffice.
    scope : str
        What is open, how near the figures are to a cause, and under which degradations it was measured, in words.
    """

    lead: str
    causes: tuple[tuple[str, str, str], ...]
    layers: tuple[Layer, ...]
    images: int
    report: Path | None
    unfinished: str = ""
    none_stands_out: bool = False
    scope: str = ""


def in_window(helps: str) -> str:
    """Return what helps, with the button and fields of the window in place of `tfstab harden` and its options.

    Examples
    --------
    >>> from tfstab.gui.content.why import in_window
    >>> in_window("`tfstab harden --against fog` trains on it.")
    'Harden… with "fog" in the field Against trains on it.'
    """

    def button(command: re.Match[str]) -> str:
        option, value = command.groups()
        return f'Harden… with "{value}" in the field {field_of(option)}' if option else "Harden…"

    return re.sub(r"`tfstab harden(?: --([a-z-]+) ([^` ]+))?`", button, helps)


def why_of(run: "ExplanationRun") -> Why:
    """Return what an explanation says; raise RunError if a part of it is damaged."""
    from tfstab.explanation.cause import causes_of
    from tfstab.explanation.gain import gains_of
    from tfstab.explanation.lead import GO_ON, after_causes, lead, next_steps
    from tfstab.explanation.remedies import helps

    causes = causes_of(run)
    gains = gains_of(run) if len(run.rows) else None
    several = gains is not None and len(gains.networks) > 1
    button = "Measure more…" if run.complete else "Continue…"  # that of the tab
    layers = () if gains is None else gains.figures()
    return Why(
        lead(run),
        tuple((c.title, c.text, in_window(told)) for c, told in zip(causes, helps(causes), strict=True)),
        tuple(
            Layer(f"{layer.name} of member {layer.network + 1}" if several else layer.name, layer.gain, layer.margin)
            for layer in layers
            if np.isfinite(layer.gain.value)
        ),
        len(run.rows),
        own_report(run.path),
        "" if run.complete else run.extent,
        bool(next_steps(run)),
        # The window has a button to go on, and a job may be doing it.
        " ".join(_judged(_with_field(text, button)).replace(GO_ON, "") for text in after_causes(run)),
    )


def _judged(text: str) -> str:
    """Return a text with the tab of the window in place of the assessment that judges which classes are weak."""
    from tfstab.explanation.undecided import ANY, JUDGES, NEAR

    for assessment in (ANY, NEAR):
        text = text.replace(f"{assessment} {JUDGES}", OVERVIEW)
    return text


def _with_field(text: str, button: str) -> str:
    """Return a text with a button and a field of the window in place of the option for more images."""

    def asked(option: re.Match[str]) -> str:
        return f"({button} with {option[1] or 'a larger number'} in the field {field_of('limit')})"

    return re.sub(r"\(`--limit(?: (\d+))?`, in Python limit=\d*\)", asked, text)
