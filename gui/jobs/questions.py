"""Questions to the child process about images and a model, and the lines in which they are asked and answered.

No Qt and no TensorFlow in here.
"""

from dataclasses import dataclass, field
from typing import Any

from tfstab.gui.jobs.protocol import Line

# "module:function" of each question, the most urgent first: a question overtakes those below it, between two of their
# parts. The function is a generator. It gets the classifier and the arguments of the order, and yields its answer in
# parts: a name and a dict of values, which may be arrays. It yields None where it has nothing to send yet, so that an
# urgent question need not wait; no step should take longer than a tenth of a second. It is called by
# `tfstab.gui.jobs.answering`.
QUESTIONS = {
    "scores": "tfstab.gui.jobs.scores:scores",
    "explore": "tfstab.gui.jobs.exploring:explore",
    "verdict": "tfstab.gui.jobs.verdict:verdict",
    "card": "tfstab.gui.jobs.card:card",
    "atlas": "tfstab.gui.jobs.mapping:atlas",
    "fingerprint": "tfstab.gui.jobs.locating:fingerprint",
}


@dataclass(frozen=True, eq=False)
class AskOrder(Line):
    """Answer a question.

    Attributes
    ----------
    ticket : int
        Number that the answers carry.
    question : str
        One of `QUESTIONS`.
    model, options
        As in RunOrder.
    fingerprint : str
        Fingerprint that the model must have; "" for any.
    arguments : dict
        Arguments of the question, which may be arrays. Either `images` (N, H, W, C), in grey levels, or `image_shape`
        (H, W, C) must be among them.
    """

    ticket: int
    question: str
    model: str
    fingerprint: str
    options: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DropOrder(Line):
    """Stop answering a question."""

    ticket: int


@dataclass(frozen=True, eq=False)
class Answer(Line):
    """A part of the answer to a question; the last line of an answer has neither a part nor values."""

    ticket: int
    part: str
    values: dict[str, Any]
    last: bool = False


def urgency(question: str) -> int:
    """Return the place of a question in `QUESTIONS`; the least is the most urgent."""
    return list(QUESTIONS).index(question) if question in QUESTIONS else 0  # an unknown one is refused at once
