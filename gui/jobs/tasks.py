"""What a user can start: searches and sweeps, which can be watched, and the other commands of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfstab.gui.kinds import KINDS

MEASURE, IMPROVE, LOOK = "Measure", "Improve and train", "Look at results"
# Parameters that all tasks share have fields of their own in the dialog; `--json` is for programs.
SUBJECT = ("model", "data", "split", "limit", "images", "resize", "damaged")
SHARED = (*SUBJECT, "preprocess", "outputs", "threshold", "trust", "imports", "classes")
LEFT_OUT = ("out", "as_json")
RUNS = "runs"  # the parameter of commands that look at results


@dataclass(frozen=True)
class Task:
    """Something that a user can start.

    Attributes
    ----------
    name : str
        Its name, with which folders begin.
    command : str
        The command that does it; for kinds of runs, the kind.
    text, tip : str
        Its name in the dialog, with a mnemonic, and a sentence about it.
    group : str
        The heading below which the dialog lists it.
    images : int
        How many images are taken unless the user asks for more; 0 for all.
    fixed : mapping
        Values of parameters that make it differ from the bare command.
    without : tuple of str
        Further parameters that have no field.
    own : tuple of str
        Parameters among SHARED that have another meaning here, and so a field of the task's own.
    optional : mapping
        Parameters among SUBJECT that may be left empty here, each with what is then used.
    minutes : float or None
        How long it takes unless the user sets other minutes; None if that depends on the work.
    opens_report : bool
        Whether its report is what the user asks for, so that it is opened in the browser at once.
    goes_on : bool
        Whether it measures more when it is ordered again into the same folder.
    """

    name: str
    command: str
    text: str
    tip: str
    group: str
    images: int = 0
    fixed: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    optional: Mapping[str, str] = field(default_factory=dict)
    minutes: float | None = None
    opens_report: bool = False
    goes_on: bool = False

    @property
    def watched(self) -> bool:
        """Whether it is a kind of run, which can be watched and paused."""
        return self.name in KINDS


def _kind(name: str) -> Task:
    """Return the task of a kind of run."""
    kind = KINDS[name]
    return Task(name, name, kind.text, kind.tip, MEASURE, kind.images)


ALL_DEGRADATIONS = Task(
    "degradations",
    "sweep",
    "All degradations (sweeps)",
    "One sweep for each degradation (noise, blur, fog, compression …), all on the same images and without a verdict",
    MEASURE,
    images=500,
    fixed={"degradation": "all"},
    without=("degradation", "severities", "sigmas", "preset", "common_noise", "no_clip"),
)
TASKS = {
    task.name: task
    for task in (
        Task(
            "assess",
            "assess",
            "Assess (begin here)",
            "A verdict on the model: all degradations and the minimum noise, on as many images as there is time for",
            MEASURE,
            minutes=5,
            goes_on=True,
        ),
        _kind("search"),
        _kind("sweep"),
        ALL_DEGRADATIONS,
        Task(
            "explain",
            "explain",
            "Explain",
            "Why noise changes the model's predictions: in which layer, direction and frequency",
            MEASURE,
            images=100,
            goes_on=True,
        ),
        Task(
            "evaluate",
            "evaluate",
            "Clean accuracy (evaluate)",
            "Accuracy, precision and recall on the images as they are, without any degradation",
            MEASURE,
        ),
        Task(
            "harden",
            "harden",
            "Harden",
            "Fine-tune the model on degraded images, and compare it with the original",
            IMPROVE,
            without=("test",),
            optional={"data": "test split of Train, or a fifth of its images"},
            minutes=10,
            goes_on=True,
        ),
        Task(
            "train",
            "train",
            "Train",
            "Train one of the paper's networks by its recipe, also on your own images",
            IMPROVE,
            own=("model", "data"),
        ),
        Task(
            "reproduce",
            "reproduce",
            "Reproduce the paper",
            "Repeat the paper's experiments and show its figures beside ours, or compare all remedies",
            IMPROVE,
            own=("data", "preprocess", "outputs", "trust", "imports"),
            opens_report=True,
        ),
        Task(
            "report",
            "report",
            "Report",
            "One HTML page about finished runs, for the browser",
            LOOK,
            own=("imports",),
            opens_report=True,
        ),
        Task(
            "compare",
            "compare",
            "Compare",
            "Finished runs of the same images, compared image by image, with intervals and McNemar's test",
            LOOK,
            opens_report=True,
        ),
        Task(
            "robustness",
            "robustness",
            "Sum up sweeps (robustness)",
            "One table of finished sweeps of several degradations: the accuracy kept and mean corruption error",
            LOOK,
        ),
    )
}
