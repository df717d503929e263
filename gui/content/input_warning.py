"""What to doubt about a run: wrong inputs or classes, in the words of the form of a new run, and images seen before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfstab.gui.jobs.field_words import in_fields
from tfstab.names import shortened
from tfstab.runs.info import FUNCTION, model_of

MOST = 700  # characters: the note can name 2,000 classes, and is above the page
WRONG = "seem to be wrong"
SAY_LITTLE = f"{WRONG}, so the figures below may say little about the model"


@dataclass(frozen=True)
class InputWarning:
    """What the check of the inputs said.

    Attributes
    ----------
    text : str
        The sentences.
    level : str
        "bad" if the inputs or classes seem to be wrong, "mid" if they may be right.
    advised : mapping
        The options of the model that would mend it, as in `Draft`, as far as the viewer can use them.
    """

    text: str
    level: str
    advised: Mapping[str, str] = field(default_factory=dict)


def input_warning(run: Any) -> InputWarning | None:
    """Return the warning about the inputs of an open run or assessment; None if there is nothing to warn of."""
    from tfstab.assessment.clean_findings import input_finding  # here, because the window appears sooner without it

    checked = getattr(run, "opened", run)
    found = input_finding(checked.input_note)
    if found is None:
        return None
    text, in_python = shortened(found.text, MOST), bool(model_of(run.info).get(FUNCTION))
    text = text if in_python else in_fields(text)  # the viewer's form cannot load a Python function
    advised = {} if in_python else getattr(checked, "advised", {})
    return InputWarning(text.replace(WRONG, SAY_LITTLE, 1), found.level, advised)


def images_seen(run: Any) -> tuple[str, ...]:
    """Return notes that images of an open run may be training images, or were used to choose the model's weights."""
    from tfstab.report.input_notes import seen_notes  # here, because the window appears sooner without it

    opened = getattr(run, "opened", None)
    return tuple(seen_notes([run] if opened is None else opened.runs))
