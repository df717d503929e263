"""An assessment: overview, robustness by family and severity, and the reason for lost images."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.content.atlas import ImageState, Mapped, map_families
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.asking import ask_for_task, ask_to_assess_again
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.robustness.overview_page import AssessmentOverviewPage
from tfstab.gui.widgets.robustness.robustness_page import RobustnessPage
from tfstab.gui.widgets.robustness.why_page import WhyPage
from tfstab.gui.widgets.run_page import RunPage
from tfstab.gui.widgets.view_tabs import ViewTabs

HINT = "Click a picture to see the clean image, the degraded image and their difference."


class AssessmentPage(RunPage):
    """The page of one AssessmentSession."""

    hint = HINT

    def __init__(
        self, controller: Controller, session: AssessmentSession, commands: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(controller, session, commands, parent)
        self._session = session
        self._overview = self.make_overview(AssessmentOverviewPage, self._visit)
        self._robustness = self.lazy(RobustnessPage, self._make_robustness)
        self._why = self.lazy(WhyPage, self._make_why)
        self.atlas = self.make_atlas(self._families, self._select_point)
        views: dict[str, QWidget] = {
            "Overview": self._overview,
            "Robustness": self._robustness,
            "Explorer": self.explorer,
            "Atlas": self.atlas,
            "Why": self._why,
        }
        self.tabs = ViewTabs("Views of the assessment", views)
        self._arrange()
        self._connect()
        self.follow_tab()

    # The views, made at once if they have not been.

    @property
    def overview(self) -> AssessmentOverviewPage:
        """The overview."""
        return self._overview.view

    @property
    def robustness(self) -> RobustnessPage:
        """Degradations, one image, other networks and classes."""
        return self._robustness.view

    @property
    def why(self) -> WhyPage:
        """The reasons for lost images."""
        return self._why.view

    def _make_robustness(self) -> RobustnessPage:
        robustness = RobustnessPage(self._session)
        robustness.visit_asked.connect(self._visit)
        robustness.stack.currentChanged.connect(self.follow_tab)
        return robustness

    def _make_why(self) -> WhyPage:
        why = WhyPage(self._session)
        why.asked_for.connect(self._ask_for)
        why.visit_asked.connect(self._visit)
        return why

    def _visit(self, there: Viewpoint) -> None:
        """Visit a place; a sweep of this assessment is compared with those of the compared assessments."""
        beside = self._session.compared.sweeps_beside(there.run)
        self._controller.visit(replace(there, state={"compared": beside} | there.state) if beside else there)

    def _ask_for(self, task: str) -> None:
        ask_for_task(self.window(), self._controller, self._session, task)

    def _assess_again(self) -> None:
        ask_to_assess_again(self.window(), self._controller, self._session)

    def _arrange(self) -> None:
        self.whole = QSplitter(Qt.Orientation.Vertical)
        self.whole.addWidget(self.tabs)
        self.whole.addWidget(self._images)
        self.whole.setStretchFactor(0, 1)
        self.whole.setStretchFactor(1, 1)
        self.whole.setSizes([400, 260])
        self.whole.setChildrenCollapsible(False)
        fill_column(self, self.header, self.input_note, self.whole, spacing=4)

    def _connect(self) -> None:
        session = self._session
        self.connect_views()
        self.input_note.again.clicked.connect(lambda _=False: self._assess_again())
        session.triple_changed.connect(self.follow_tab)
        session.image_changed.connect(self._follow_image)
        session.computed_changed.connect(self._map_again)

    def follow_tab(self) -> None:
        """Show the images only once there are some, and only where they belong to the view."""
        self._images.setVisible(self.view.shows_triple and self._session.triple is not None)
        self.show_mark()

    def _follow_image(self) -> None:
        if self.explorer.made is not None:
            self.explorer.made.follow_selection()
        if self.atlas.made is not None:
            self.atlas.made.follow_selection()

    def _map_again(self) -> None:
        """Begin the atlas if it is in sight already, because what it maps is known now."""
        if self.atlas.made is not None:
            self.atlas.made.shown()

    def _families(self) -> Mapped | None:
        """Return what the atlas maps: the images under the strongest severity of each family."""
        computed = self._session.computed
        if computed is None or not computed.figures.families or not computed.images:
            return None
        return map_families([family.run for family in computed.figures.families], computed.images)

    def _select_point(self, image: int, state: ImageState | None, copy: int) -> None:
        """Select a point of the atlas, and show its degraded image."""
        self._session.select_image(image)
        if state is not None:
            self._session.select_copy(state.run.degradation.name, state.severity_index)
