"""The kinds of runs that the viewer makes and shows, and all that it shows. No Qt in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfstab.runs.kinds import imported


@dataclass(frozen=True)
class ShownKind:
    """One kind of item that the viewer opens.

    Its classes are given as "module:name" and imported when they are first needed, so that the window appears at once
    and the child process imports no Qt. `tfstab.runs.kinds` has the library's part of the kind.

    Attributes
    ----------
    name : str
        The kind as run.json records it.
    session : str
        What is read and selected of an open run, a `Session`.
    page : str
        The widgets of a session, a `RunPage`.
    key_length : int
        How many numbers identify a degraded image, as in `Marks`.
    """

    name: str
    session: str
    page: str
    key_length: int

    def load(self, part: str) -> Any:
        """Return the class that one of the fields names, such as "session"."""
        return imported(getattr(self, part))


@dataclass(frozen=True, kw_only=True)
class ViewerKind(ShownKind):
    """One kind of run that the viewer makes, too.

    Attributes
    ----------
    watch : str
        Observer in the child process, a `Watch`.
    settings : str
        The settings of a new run in the dialog, a `KindSettings`.
    text, tip : str
        Its name in the dialog, with a mnemonic, and a sentence about it.
    images : int
        How many images a new run takes unless the user asks for more.
    example_images : int
        How many digits the bundled example takes.
    example_settings : mapping
        Settings of the bundled example.
    live : bool
        Whether a running job can be watched image by image.
    seconds_add_up : bool
        Whether the seconds in the log are those of each part, and not those since the run was opened.
    rates : mapping
        Degraded images a second on two cores by bundled network, for a machine without any measurement.
    """

    watch: str
    settings: str
    text: str
    tip: str
    images: int
    example_images: int
    example_settings: Mapping[str, Any]
    live: bool = False
    seconds_add_up: bool = False
    rates: Mapping[str, float] = field(default_factory=dict)


KINDS = {
    kind.name: kind
    for kind in (
        ViewerKind(
            name="search",
            watch="tfstab.gui.jobs.watching:SearchWatch",
            session="tfstab.gui.sessions.search_session:SearchSession",
            page="tfstab.gui.widgets.search.search_page:SearchPage",
            settings="tfstab.gui.widgets.jobs.run_settings:SearchSettings",
            text="Minimum noise (search)",
            tip="For each image, the smallest noise that changes the prediction",
            images=10,
            example_images=10,
            example_settings={"max_queries": 10_000},
            key_length=1,
            live=True,
            rates={"mnist-lenet": 8_000.0, "cifar10-quick": 4_000.0, "gtsrb-aghdam": 700.0},
        ),
        ViewerKind(
            name="sweep",
            watch="tfstab.gui.jobs.watching:SweepWatch",
            session="tfstab.gui.sessions.sweep_session:SweepSession",
            page="tfstab.gui.widgets.sweep.sweep_page:SweepPage",
            settings="tfstab.gui.widgets.jobs.sweep_settings:SweepSettings",
            text="One degradation (sweep)",
            tip="How accuracy, precision and recall fall as one degradation, by default noise, gets stronger",
            images=100,
            example_images=100,
            example_settings={},
            key_length=3,
            seconds_add_up=True,
            rates={"mnist-lenet": 15_000.0, "cifar10-quick": 5_000.0, "gtsrb-aghdam": 800.0},
        ),
    )
}

ASSESSMENT = ShownKind(
    name="assessment",
    session="tfstab.gui.sessions.assessment_session:AssessmentSession",
    page="tfstab.gui.widgets.robustness.assessment_page:AssessmentPage",
    key_length=3,
)
SHOWN: dict[str, ShownKind] = {**KINDS, ASSESSMENT.name: ASSESSMENT}
