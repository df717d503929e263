"""An open assessment: its figures, and the selected degraded image."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from tfstab.errors import InputError, RunError, TfstabError
from tfstab.gui.background import Background, unexpected
from tfstab.gui.content.explorer import Step
from tfstab.gui.content.image_grid import (
    IN_EXPLORER,
    ImageGrid,
    common_images,
    family_with,
    grid_of,
    measured_images,
    stepped,
    triple_of,
    weakest_image,
)
from tfstab.gui.content.obstacles import of_images
from tfstab.gui.content.robustness import FamilyRow, family_rows
from tfstab.gui.content.triple import Picture, Triple
from tfstab.gui.content.viewpoint import State, is_whole
from tfstab.gui.sessions.compared_assessments import ComparedAssessments
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.session import Session
from tfstab.names import quoted
from tfstab.runs.files import is_side
from tfstab.runs.together import ALIKE
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.verdict import Verdict
    from tfstab.gui.content.assessment import OpenedAssessment


NOT_MEASURED = f"Image {{}} was not measured under any degradation. {IN_EXPLORER}"
UNFINISHED = "Not finished: these figures will still change if it goes on."


@dataclass(frozen=True, eq=False)
class Computed:
    """What was computed of an assessment.

    Attributes
    ----------
    figures : Figures
        The numbers.
    verdict : Verdict
        What they support.
    families : list of FamilyRow
        The families, the one under which least accuracy is kept first.
    images : list of int
        Images swept under all families, ascending.
    measured : frozenset of int
        Images swept under any family.
    weakest : int or None
        The image among them, right when clean, that loses most; None if none is right.
    repairs : tuple of str
        A line for each damaged run, which is left out: what to do to have it again.
    """

    figures: "Figures"
    verdict: "Verdict"
    families: list[FamilyRow]
    images: list[int]
    measured: frozenset[int]
    weakest: int | None
    repairs: tuple[str, ...] = ()


class AssessmentSession(Session):
    """An open assessment, or another folder of runs that belong together.

    Attributes
    ----------
    computed : Computed or None
        Figures and verdict, once they are computed.
    problem : str
        Why the figures or the pictures of the image cannot be computed, or "".
    image : int or None
        Index of the image that is shown under the families that were measured for it.
    copy : tuple of (str, int), or None
        Family and severity index of the selected copy. They stay when another image is chosen.
    grid : ImageGrid or None
        That image under these families, once it is made; made only while something asks for it (`want_grid`).
    compared : ComparedAssessments
        Assessments shown beside this one.

    Signals
    -------
    computed_changed
        The figures were computed.
    image_changed
        Another image was chosen.
    grid_changed
        `grid` is another one, or cannot be made.
    """

    selected_is = "shown in Robustness > One image"  # at first, nobody has selected it

    computed_changed = Signal()
    image_changed = Signal()
    grid_changed = Signal()

    run: "OpenedAssessment"

    def __init__(self, run: "OpenedAssessment", background: Background, parent: QObject | None = None) -> None:
        super().__init__(run, background, parent)
        self.computed: Computed | None = None
        self.image: int | None = None
        self.grid: ImageGrid | None = None
        self.problem = ""
        self._grid_wanted = False
        self.copy: tuple[str, int] | None = None
        self._wanted: int | None = None  # image to select once the figures are computed
        self._visited = False  # whether a link asked for this image: if it cannot be shown, the user is told
        self.compared = self.comparison = ComparedAssessments(self)
        for problem in run.damaged:
            background.failed.emit(problem, "")
        self.reload()

    @property
    def about(self) -> str:
        """Model and data in one line."""
        return self._of

    @property
    def growing(self) -> str:
        """A sentence that says that the figures are not final; "" if they are.

        An assessment that has ended is final, even if there was no time for all that was planned. Another folder of
        runs is final once none of them lacks planned parts.
        """
        return super().growing or ("" if self.run.ended or self.complete else UNFINISHED)

    def obstacle(self, other: Session) -> str:
        """Return why the other run cannot be compared with this one, "" if it can."""
        return of_images(self.run, other.run) if isinstance(other, AssessmentSession) else super().obstacle(other)

    def takes(self, run: "OpenedAssessment") -> bool:
        """Return True if this is an assessment of the same network on the same data."""
        return run.kind == self.kind and all(
            self.run.info[of].get(key) == run.info[of].get(key) for of, key in (("model", "fingerprint"), *ALIKE)
        )

    def reload(self) -> None:
        """Compute the figures of the runs as they are now."""
        run = self.run
        self.background.run(partial(compute, run), partial(self._show, run), partial(self._fail, run), self)

    def _fail(self, run: "OpenedAssessment") -> None:
        if run is self.run and not self.stopped:
            self.problem = unexpected("Computing the figures")
            self.computed_changed.emit()

    def _show(self, run: "OpenedAssessment", computed: "Computed | TfstabError") -> None:
        if run is not self.run or self.stopped:
            return
        if isinstance(computed, TfstabError):
            self.problem = str(computed)
            self.background.failed.emit(self.problem, "")
            self.computed_changed.emit()
            return
        self.computed, self.problem = computed, ""
        # The accuracy kept may fall although a hardened network is right more often, so the list does not have it.
        self.headline = "" if is_side(self.real_path) else headline_of(computed.figures, len(run.opened.unmeasured))
        self.computed_changed.emit()
        self.changed.emit()
        if self._wanted is not None and self._visited and (lack := self.lacks(self._wanted)):
            self.background.failed.emit(lack, "")
        likely = (self._wanted, self.image, computed.weakest, *computed.images[:1])
        self._wanted = None
        self._choose(next((image for image in likely if image in computed.measured), None), again=True)

    # One image under the families that were measured for it

    def lacks(self, image: int) -> str:
        """Return why an image cannot be shown under any family; "" if it can, or if that is not known yet."""
        known = self.computed is None or image in self.computed.measured
        return "" if known else NOT_MEASURED.format(image)

    def select_image(self, image: int) -> None:
        """Show another image under the families that were swept for it, if any; at once or when that is known."""
        self._visited = False
        if self.computed is None:
            self._wanted = image
        elif image in self.computed.measured:
            self._choose(image)

    def _choose(self, image: int | None, again: bool = False) -> None:
        other = image != self.image
        if other or again:
            self.image, self.grid, self.problem = image, None, ""
            self.image_changed.emit()
            self._make_grid()
        if other:
            self._show_copy()

    @property
    def selected_image(self) -> int | None:
        """Index of the image under all families."""
        return self.image

    @property
    def sample(self) -> tuple[int | None, Step | None]:
        """The image under all families, and the degradation and severity at which it is looked at."""
        if self._wanted is not None:
            return self._wanted, None
        if self.computed is None or self.copy is None:
            return self.image, None
        swept = family_with(self.computed.figures, self.copy, self.image)
        return self.image, None if swept is None else Step(swept.name, float(swept.run.severities[self.copy[1]]))

    def select_weakest(self) -> None:
        """Select the image, right when clean, that loses most over all families."""
        if self.computed is not None and self.computed.weakest is not None:
            self._choose(self.computed.weakest)

    def take_explored(self, image: int) -> None:
        """Select the image, of which no degraded copy need be chosen here."""
        self.select_image(image)

    def step(self, by: int) -> None:
        """Select the image `by` places after the current one, among those swept under all families."""
        if self.computed is not None and self.image is not None:
            self._choose(stepped(self.computed.images, self.image, by))

    def want_grid(self, wanted: bool) -> None:
        """Make the pictures of the image under all families from now on, or no more."""
        self._grid_wanted = wanted
        if self.grid is None:
            self._make_grid()

    def _make_grid(self) -> None:
        computed, image = self.computed, self.image
        if computed is None or image is None or not self._grid_wanted:
            return

        def show(grid: ImageGrid) -> None:
            if image == self.image and computed is self.computed:
                self.grid, self.problem = grid, ""
                self.grid_changed.emit()

        def fail() -> None:
            if image == self.image and computed is self.computed:
                self.problem = unexpected("Degrading the image")
                self.grid_changed.emit()

        self.background.run(partial(grid_of, computed.figures, image), show, fail, self)

    def select_copy(self, family: str, severity_index: int) -> None:
        """Show clean image, degraded image and difference of the image at a severity of a family."""
        if self.computed is not None and self.image is not None:
            self.copy = family, severity_index
            self._show_copy()

    def _show_copy(self) -> None:
        computed, image, copy = self.computed, self.image, self.copy
        if computed is None or image is None or copy is None:
            return
        if family_with(computed.figures, copy, image) is None:
            self._set_triple(None)
            return

        def show(triple: Triple | None) -> None:
            if (image, copy) == (self.image, self.copy):
                self._set_triple(triple)

        work = partial(triple_of, computed.figures, copy[0], image, copy[1])
        self.background.run(work, show, lambda: show(None), self)

    def viewpoint_state(self) -> dict[str, Any]:
        """Return the image shown under all families ("selected") and the compared runs, as JSON values by key."""
        return super().viewpoint_state() | {"selected": self.sample[0]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Select the image that a viewpoint's state names under "selected"; without one, nothing changes.

        A link may also name a copy of the image: "copy" has its family and severity index.
        """
        image = state.get("selected")
        if image is None:
            return
        if not is_whole(image):
            State(state).refuse("selected", image)
        if problem := self.lacks(image):
            raise InputError(problem)
        copy, known = State(state).items("copy", 2), self.computed
        if copy is not None and known is not None and family_with(known.figures, copy, image) is None:
            State(state).refuse("copy", copy)
        self.select_image(image)
        self._visited = True
        if copy is not None:
            self.copy = copy[0], copy[1]
            self._show_copy()

    @property
    def unmarked(self) -> str:
        """Why no image can be marked here, where images are marked, and where marked ones are listed."""
        return f"{self.how_to_mark} For a list of the marked images, choose Go › Marked images."

    @property
    def markable(self) -> list[Any]:
        """The runs of the assessment."""
        return list(self.run.opened.runs)

    @property
    def how_to_mark(self) -> str:
        """Where images are marked."""
        return "Images of an assessment are marked in its sweeps: click a cell of Robustness to open one."

    def picture(self, key: MarkKey) -> Picture:
        """Raise RunError: images are marked in the sweeps themselves."""
        raise RunError("Marks belong to the runs of an assessment: open the run of the degradation.")


def compute(run: "OpenedAssessment") -> "Computed | TfstabError":
    """Compute figures and verdict; runs in a worker."""
    try:
        figures = run.opened.figures
        images = common_images(figures)
        judged, weakest = run.opened.verdict, weakest_image(figures, images)
        measured, families = measured_images(figures), family_rows(figures)
        return Computed(figures, judged, families, images, measured, weakest, _repairs(run))
    except TfstabError as error:
        return error


def _repairs(run: "OpenedAssessment") -> tuple[str, ...]:
    if not run.opened.damaged:
        return ()
    from tfstab.orders.repair import repair_line  # here, because it is rarely needed, and imports the training

    return tuple(repair_line(damage, run.info) for damage in run.opened.damaged)


def headline_of(figures: "Figures", unmeasured: int = 0) -> str:
    """Return the number that report and overview show first in a few words: "67 % kept".

    unmeasured: how many degradations there was no time for.
    """
    from tfstab.assessment import words
    from tfstab.assessment.recalls import headline_class
    from tfstab.metrics.shares import share

    rare = headline_class(figures.clean_classes, figures.families)
    if rare is not None:
        return f"{share(rare.accuracy)} of clean images of class {quoted(words.name(rare.name))} right"
    if figures.families:
        measured = len(figures.families)
        of = f"{measured} of {counted(measured + unmeasured, 'degradation')}" if unmeasured else ""
        under = of or (figures.families[0].title if measured == 1 else "")
        kept = f"{share(figures.mean_kept)} kept{f' under {under}' if under else ''}"
        return "" if math.isnan(figures.mean_kept.value) else kept
    return f"{share(figures.clean)} of clean images right"
