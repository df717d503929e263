"""Orders of commands of the command line, and the messages that only they send. No Qt and no TensorFlow in here."""

from dataclasses import dataclass, field
from typing import Any

from tfstab.gui.jobs.protocol import Line

MODEL_OPTIONS = ("preprocess", "outputs", "threshold", "trust", "imports", "classes")


@dataclass(frozen=True, eq=False)
class CommandOrder(Line):
    """Do what a command of the command line does.

    Attributes
    ----------
    job : int
        As in RunOrder.
    task : str
        One of `tfstab.gui.jobs.tasks.TASKS`, which names the command.
    out : str
        The value of --out.
    values : dict
        Values of the command's parameters that differ from their defaults, by name.
    started : str
        As in RunOrder.
    """

    job: int
    task: str
    out: str
    values: dict[str, Any] = field(default_factory=dict)
    started: str = ""

    @property
    def title(self) -> str:
        """What is done, in a word."""
        return self.task

    @property
    def model(self) -> str:
        """Name or path of the model; "" if there is none."""
        return str(self.values.get("model") or "")

    @property
    def data(self) -> str:
        """Name or path of the images, of a hardening without test images the training images; "" if there are none."""
        return str(self.values.get("data") or self.values.get("train") or "")

    @property
    def options(self) -> dict[str, Any]:
        """Options of the model, as in RunOrder."""
        return {name: self.values[name] for name in MODEL_OPTIONS if self.values.get(name)}


@dataclass(frozen=True, eq=False)
class Made(Line):
    """A command has made something: a "run", "report", "model" or "folder", and its path."""

    job: int
    what: str
    path: str


@dataclass(frozen=True, eq=False)
class Printed(Line):
    """What a command has printed: tables and sentences."""

    job: int
    text: str
