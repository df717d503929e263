"""The orders and messages between the window and its child process. No Qt and no TensorFlow in here.

The window writes orders to the child's standard input, the child writes messages to its standard output. Each is one of
the dataclasses below or of `tfstab.gui.jobs.questions`, sent as one line with a JSON object; arrays, also in dicts, are
sent as base64 of their bytes.
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
    """A line is neither an order nor a message."""


@dataclass(frozen=True, eq=False)
class Line:
    """Base of all orders and messages."""

    known: ClassVar[dict[str, type["Line"]]] = {}

    def __init_subclass__(cls) -> None:
        """Register a class of orders or messages by its name."""
        Line.known[cls.__name__] = cls


# Orders, from the window


@dataclass(frozen=True, eq=False)
class RunOrder(Line):
    """Make or resume a search or a sweep, which can be watched and paused.

    Attributes
    ----------
    job : int
        Number of the job, which all messages about it carry.
    kind : str
        A kind of run, one of `tfstab.gui.kinds.KINDS`.
    model, data, split, limit, images, resize, target, mask
        As `tfstab.orders` has them.
    out : str
        The run folder.
    settings : dict
        Arguments of the kind's configuration.
    options : dict
        Options of the model that differ from their defaults: preprocess, outputs, threshold, trust, imports,
        classes.
    limits : dict
        When to stop early, where to compute, how to read the images, and whether to go on with inputs that are
        certainly wrong, if not as by default: minutes, precision, workers, cluster, damaged, data_dir, as_is.
    started : str
        When the user started or resumed it, in words; "" if that is not known.
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
    limits: dict[str, Any] = field(default_factory=dict)
    started: str = ""

    @property
    def title(self) -> str:
        """What is done, in a word."""
        return self.kind


@dataclass(frozen=True, eq=False)
class Control(Line):
    """PAUSE, RESUME or CANCEL a job, or STOP_IMAGE or WATCH (send the noise of) an image; obeyed at once."""

    job: int
    action: str
    image: int | None = None


@dataclass(frozen=True, eq=False)
class ImportOrder(Line):
    """Import a .py file that the window has imported, as it registers a degradation or an engine.

    Attributes
    ----------
    file : str
        The file.
    checksum : str
        The checksum that its content must have; "" if the user has named the file.
    """

    file: str
    checksum: str = ""


@dataclass(frozen=True, eq=False)
class Quit(Line):
    """End after finishing the current order."""


# Messages, from the child


@dataclass(frozen=True, eq=False)
class Stage(Line):
    """What is being done before there is any progress, such as "reading mnist-5k"."""

    job: int
    text: str


@dataclass(frozen=True, eq=False)
class Remark(Line):
    """A note for the user about a run that continues, in one sentence."""

    job: int
    text: str


@dataclass(frozen=True, eq=False)
class Opened(Line):
    """The run folder can be opened."""

    job: int
    out: str


@dataclass(frozen=True, eq=False)
class Progress(Line):
    """The progress of a run.

    Attributes
    ----------
    done, total : int
        Finished and planned units, such as images.
    share : float
        Share of the work that is done, 0..1, including unfinished units.
    rate : float
        Degraded images scored a second.
    unit : str
        Name of the units.
    what, note : str
        What is being done, and a note about it; "" for nothing.
    """

    job: int
    done: int
    total: int
    share: float
    rate: float
    unit: str
    what: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Generations(Line):
    """The progress of an image's search since the last such message; sent about ten times a second.

    Attributes
    ----------
    image, generation, queries, flipped
        As in SearchProgress.
    rows : list of list of float
        Best and mean objective, norm and share misclassified of each new generation.
    noise : ndarray or None
        The best noise (H, W, C) in grey levels, of the watched image only.
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
    """The search of an image has ended; `norm` of its noise as MinimumNoise.size, `reason` as its stop_reason."""

    job: int
    image: int
    found: bool
    norm: float
    reason: str


@dataclass(frozen=True, eq=False)
class Finished(Line):
    """A job has ended without an error.

    Attributes
    ----------
    complete : bool
        Whether the run has all its parts.
    steps : int
        Degraded images scored by this job.
    seconds : float
        Time that this took, without pauses.
    reached : str
        If its minutes were used up before all was done: what there was time for, such as "34 of 100 images"; else "".
    """

    job: int
    complete: bool
    steps: int
    seconds: float
    reached: str = ""


@dataclass(frozen=True, eq=False)
class Failed(Line):
    """A job, or the answer to a ticket, has failed: one sentence, and details or "".

    wrong_input says whether it was due to model, images or settings, so that the same order would fail again; in_use,
    whether it was due to another process that works in the folder; advised holds the options of the model that would
    mend it, as in RunOrder, as far as they are known.
    """

    sentence: str
    details: str = ""
    job: int | None = None
    ticket: int | None = None
    wrong_input: bool = False
    in_use: bool = False
    advised: dict[str, Any] = field(default_factory=dict)


def encode(line: Line) -> bytes:
    """Return an order or message as a line of JSON, with its line end."""
    fields = {f.name: _packed(getattr(line, f.name)) for f in dataclasses.fields(line)}
    return json.dumps({"is": type(line).__name__, **fields}, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Line:
    """Return the order or message in a line; raise ProtocolError for anything else."""
    try:
        fields = json.loads(line)
        kind = Line.known[fields.pop("is")]
        values = {name: _unpacked(value) for name, value in fields.items()}
        _check(kind, values)
        return kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"a line that is no order and no message was received: {line[:80]!r}.") from error


def _check(kind: type[Line], values: dict[str, Any]) -> None:
    """Raise TypeError if a value has not its field's type; lines may be damaged, or from another version."""
    for name, hint in typing.get_type_hints(kind).items():
        if name in values and not _is(values[name], hint):
            raise TypeError(f"{name} is a {type(values[name]).__name__}")


def _is(value: Any, hint: Any) -> bool:
    """Return True if a value has an annotated type; items are not checked, and a bool is not a number."""
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
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {name: _packed(one) for name, one in value.items()}
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"array", "dtype", "shape"}:
        array = np.frombuffer(base64.b64decode(value["array"], validate=True), np.dtype(value["dtype"]))
        return array.reshape(value["shape"])
    if isinstance(value, dict):
        return {name: _unpacked(one) for name, one in value.items()}
    return value
