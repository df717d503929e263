"""What the window and its child process say to each other: one JSON object a line. No Qt and no TensorFlow in here.

The window writes orders to the child's standard input, the child writes messages to its standard output. Both are the
dataclasses below; arrays travel as base64 of their bytes.
"""

import base64
import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from tfstab.errors import TfstabError

PAUSE, RESUME, CANCEL, STOP_IMAGE, WATCH = "pause", "resume", "cancel", "stop image", "watch"


class ProtocolError(TfstabError):
    """A line that is no order and no message."""


@dataclass(frozen=True, eq=False)
class Line:
    """Base of all orders and messages."""

    known: ClassVar[dict[str, type["Line"]]] = {}

    def __init_subclass__(cls) -> None:
        Line.known[cls.__name__] = cls


# Orders, from the window


@dataclass(frozen=True, eq=False)
class RunOrder(Line):
    """Make or resume a run. kind: "search" or "sweep". settings: of SearchConfig or SweepConfig.

    data, resize: as on the command line; limit: None for all. images: "A:B" or None.
    target, mask: of a search, as on the command line, a class by name or number and an image file. options: what the
    command line has beside --model, those that are not the default: preprocess, outputs, trust, imports.
    """

    job: int
    kind: str
    model: str
    data: str
    out: str
    settings: dict[str, Any] = field(default_factory=dict)
    split: str = "test"
    limit: int | None = None
    images: str | None = None
    target: str | None = None
    mask: str | None = None
    resize: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Control(Line):
    """PAUSE, RESUME or CANCEL a job, STOP_IMAGE, or WATCH one: send its noise along. Obeyed at once."""

    job: int
    action: str
    image: int | None = None


@dataclass(frozen=True, eq=False)
class ScoreOrder(Line):
    """Score images (N, H, W, C), grey levels. fingerprint: what the model's must be, "" for any. options: as above."""

    ticket: int
    model: str
    fingerprint: str
    images: np.ndarray
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Quit(Line):
    """End, once what is being done is done."""


# Messages, from the child


@dataclass(frozen=True, eq=False)
class Stage(Line):
    """What is being done before the first figures come, such as "reading mnist-5k"."""

    job: int
    text: str


@dataclass(frozen=True, eq=False)
class ModelLoaded(Line):
    """The model of a run: its name or path as ordered, and its fingerprint."""

    job: int
    model: str
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Remark(Line):
    """What a person should know of a run that goes on, in one sentence: what a command prints as a note."""

    job: int
    text: str


@dataclass(frozen=True, eq=False)
class Opened(Line):
    """The run folder is there and can be opened."""

    job: int
    out: str


@dataclass(frozen=True, eq=False)
class Progress(Line):
    """done, total: in units. share: of the work, 0..1, which counts what is begun too. rate: steps a second."""

    job: int
    done: int
    total: int
    share: float
    rate: float
    unit: str


@dataclass(frozen=True, eq=False)
class Generations(Line):
    """What an image's search has done since the last such message, about ten times a second.

    rows: best, mean, norm and share misclassified of each generation. noise: of the best, for the watched image.
    """

    job: int
    image: int
    generation: int
    queries: int
    flipped: bool
    rows: list[list[float]]
    noise: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ImageDone(Line):
    """An image's search has ended, for a reason of MinimumNoise.stop_reason."""

    job: int
    image: int
    found: bool
    l2: float
    reason: str


@dataclass(frozen=True, eq=False)
class Finished(Line):
    """A job has ended; complete: with all its parts. steps: queries or degraded images made now, in seconds."""

    job: int
    complete: bool
    steps: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Failed(Line):
    """A job, or the scoring of a ticket, has failed: one sentence, and details or ""."""

    sentence: str
    details: str = ""
    job: int | None = None
    ticket: int | None = None


@dataclass(frozen=True, eq=False)
class Scores(Line):
    """The answer to a ScoreOrder: float32 (N, K)."""

    ticket: int
    scores: np.ndarray


def encode(line: Line) -> bytes:
    """A line as it is sent, with its end."""
    fields = {f.name: _packed(getattr(line, f.name)) for f in dataclasses.fields(line)}
    return json.dumps({"is": type(line).__name__, **fields}, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Line:
    """What was encoded. Raises ProtocolError for anything else."""
    try:
        fields = json.loads(line)
        kind = Line.known[fields.pop("is")]
        values = {name: _unpacked(value) for name, value in fields.items()}
        _check(kind, values)
        return kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"a line that is no order and no message was received: {line[:80]!r}.") from error


def _check(kind: type[Line], values: dict[str, Any]) -> None:
    """Raise TypeError where a value is not of its field's kind: what is read may be damaged, or of another version."""
    for name, hint in typing.get_type_hints(kind).items():
        if name in values and not _is(values[name], hint):
            raise TypeError(f"{name} is a {type(values[name]).__name__}")


def _is(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type, of lists and dicts without what is in them. A bool is no number."""
    if isinstance(hint, types.UnionType):
        return any(_is(value, one) for one in typing.get_args(hint))
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    kind = typing.get_origin(hint) or hint
    return isinstance(value, int | float if kind is float else kind)


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": data, "dtype": value.dtype.str, "shape": value.shape}
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and "array" in value:
        array = np.frombuffer(base64.b64decode(value["array"], validate=True), np.dtype(value["dtype"]))
        return array.reshape(value["shape"])
    return value
