"""A sweep run: scatter plot, misclassifications, gallery and metrics, and the triple of the selected image."""

from functools import partial

import numpy as np
from PySide6.QtWidgets import QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.atlas import ImageState, map_sweep
from tfstab.gui.content.gallery import Gallery, gallery_of_sweep, shown_copy
from tfstab.gui.content.points import Key
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.gallery_page import GalleryPage
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.overview.sweep_overview import SweepOverviewPage
from tfstab.gui.widgets.run_page import RunPage
from tfstab.gui.widgets.sweep.metrics_page import MetricsPage
from tfstab.gui.widgets.sweep.points_page import PointsPage
from tfstab.gui.widgets.sweep.scatter_page import ScatterPage
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot
from tfstab.gui.widgets.sweep.sweep_filters import SweepFilters
from tfstab.gui.widgets.view_and_images import ViewAndImages
from tfstab.gui.widgets.view_tabs import ViewTabs

HINT = "Click a point, a row or an image to see the clean image, the degraded image and their difference."
NOT_DEGRADED = "not degraded, so it has no card; see the panel Image"
IN_FULL = (
    "To learn why it is wrong, choose Explain this image in the panel Image, or degrade more images with Measure more…"
)


class SweepPage(RunPage):
    """The page of one SweepSession."""

    hint = HINT

    def __init__(
        self, controller: Controller, session: SweepSession, commands: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(controller, session, commands, parent)
        self._session = session
        self.filters = SweepFilters(session, commands)
        self._copies: dict[tuple[int, int | None], Key] = {}  # of the degraded images in the gallery
        self._overview = self.make_overview(SweepOverviewPage, self._follow_link)
        self._scatter = self.lazy(ScatterPage, self._make_scatter)
        self._points = self.lazy(PointsPage, self._make_points)
        self._gallery = self.lazy(GalleryPage, self._make_gallery)
        self._metrics = self.lazy(MetricsPage, self._make_metrics)
        self.atlas = self.make_atlas(lambda: map_sweep(session.run), self._select_key)
        self._arrange()
        self._connect()
        self.follow_tab()

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        offers = super().offers()
        if self.view.uses_filters:
            offers |= {"next-class": partial(self._step_class, 1), "previous-class": partial(self._step_class, -1)}
            if self._session.view.asked.restricts:
                offers["show-all"] = self.filters.show_all
            elif self.view is self._points and self._session.class_index is not None and len(self._session.classes) > 1:
                offers["show-all"] = partial(self._session.select_class, None)
        return offers

    # The views, made at once if they have not been.

    @property
    def overview(self) -> SweepOverviewPage:
        """The overview."""
        return self._overview.view

    @property
    def scatter_page(self) -> ScatterPage:
        """The scatter plots."""
        return self._scatter.view

    @property
    def scatter(self) -> ScatterPlot:
        """The scatter plot of one class."""
        return self.scatter_page.scatter

    @property
    def points_page(self) -> PointsPage:
        """The table of points."""
        return self._points.view

    @property
    def gallery(self) -> GalleryPage:
        """The images."""
        return self._gallery.view

    @property
    def metrics(self) -> MetricsPage:
        """The tables of metrics."""
        return self._metrics.view

    def _make_scatter(self) -> ScatterPage:
        scatter = ScatterPage(self._session, self._commands)
        scatter.picked.connect(self._list_picked)
        scatter.other_asked.connect(self._show_other)
        return scatter

    def _make_points(self) -> PointsPage:
        session = self._session
        degraded = LazyPictures(session.background, lambda key: session.run.degraded_image(*key), self)
        runners_up = RunnersUp(session, self._controller.scorer, self)
        self._controller.scorer.located.connect(runners_up.ask_again)
        return PointsPage(session, degraded, runners_up, self._commands)

    def _make_gallery(self) -> GalleryPage:
        gallery = GalleryPage(LazyPictures(self._session.background, self._gallery_picture, self))
        gallery.chosen.connect(self._select_shown)
        return gallery

    def _make_metrics(self) -> MetricsPage:
        metrics = MetricsPage(self._session, self._commands)
        metrics.rows_asked.connect(self._list_cell)
        metrics.clean_asked.connect(self._show_clean_mistakes)
        metrics.image_asked.connect(self._show_image)
        return metrics

    def _arrange(self) -> None:
        views: dict[str, QWidget] = {
            "Overview": self._overview,
            "Scatter": self._scatter,
            "Misclassifications": self._points,
            "Gallery": self._gallery,
            "Atlas": self.atlas,
            "Explorer": self.explorer,
            "Metrics": self._metrics,
        }
        self.tabs = ViewTabs("Views of the sweep", views)
        upper = QWidget()
        fill_column(upper, self.filters, self.tabs)
        self.whole = ViewAndImages(upper, self._images)
        fill_column(self, self.header, self.input_note, self.whole, spacing=4)

    def _connect(self) -> None:
        session = self._session
        self.connect_views()
        self._gallery.came.connect(self._show_gallery)
        session.triple_changed.connect(self.follow_tab)
        session.filter_changed.connect(self.follow_tab)
        session.measures_changed.connect(self._show_gallery)
        session.point_selected.connect(self._mark_image)

    def follow_tab(self) -> None:
        """Show filters only where they apply, and hide the triple where the page needs the room."""
        session, view = self._session, self.view
        many = session.class_index is None and session.triple is None and view is self._scatter
        self.whole.show_for(view.shows_triple and not many, view.beside_triple, session.triple is not None)
        self.filters.setVisible(view.uses_filters)
        self.filters.count.setVisible(view is not self._points)  # which counts what it lists itself
        self.show_mark()

    def _step_class(self, by: int) -> None:
        """Show the class this many places further on; all classes follow the last one."""
        classes = [*self._session.classes, None]
        here = classes.index(self._session.class_index)
        self._session.select_class(classes[(here + by) % len(classes)])

    def _list_cell(self, actual: int, predicted: int, severity_index: int | None) -> None:
        """List the images that a cell of the confusion matrix counts."""
        chosen = {
            "predicted": predicted,
            "severity_index": severity_index,
            "clean_wrong": not self.metrics.clean_correct.isChecked(),
        }
        state = {"class": actual, "filter": chosen, "listed": {"correct_too": actual == predicted}}
        self._controller.visit(Viewpoint.at(self._session.path, "Misclassifications", **state))
        self._list_picked()

    def _show_clean_mistakes(self, actual: int, predicted: int) -> None:
        """Show the clean images of a class that are taken for another one."""
        from tfstab.gui.widgets.overview.overview_page import WRONG_CLEAN

        shown = WRONG_CLEAN | {"class": actual, "predicted": predicted}
        self._controller.visit(Viewpoint.at(self._session.path, "Gallery", gallery=shown))

    def _follow_link(self, there: Viewpoint) -> None:
        """Visit a place of this run; of a list without a selection, the first row is selected."""
        self._controller.visit(there)
        if self.view is self._points and "selected" not in there.state:
            self._list_picked()

    def _list_picked(self) -> None:
        """Show the list, from its first row on, once the points picked are in it."""
        self.tabs.setCurrentWidget(self._points)
        self.points_page.select_first()

    def _show_other(self, other: SweepSession, key: Key) -> None:
        """Show a point of a compared run, in that run's page."""
        self._controller.select(other)
        other.select(key)

    def _select_key(self, image: int, state: ImageState | None, copy: int) -> None:
        """Select a point of the atlas; for a clean image, the first failure of it."""
        self._session.select(image if state is None else (image, state.severity_index, copy))

    def _show_image(self, image: int) -> None:
        self.tabs.setCurrentWidget(self._gallery)
        self._session.select(image)

    def _gallery_picture(self, key: tuple[int, int | None]) -> np.ndarray:
        """Make a degraded image of the gallery; runs in a worker."""
        run = self._session.run
        self._copies[key] = copy = shown_copy(run, *key)
        return np.asarray(run.degraded_image(*copy))

    def _select_shown(self, image: int) -> None:
        """Select the degraded image that the gallery shows, or the first failure of the clean one, if it has any."""
        session, measures = self._session, self._session.measures
        if measures is not None and image not in measures.images:
            session.select_clean(image)
            if (panel := self.images()) is not None:
                panel.tell(f"{session.run.clean.title(image)}: {NOT_DEGRADED}", IN_FULL)
        else:
            session.select(self._copies.get((image, self.gallery.model.severity), image))  # type: ignore[arg-type]

    def _mark_image(self, place: int | None) -> None:
        points, gallery = self._session.points, self._gallery.made
        if place is not None and points is not None and gallery is not None:
            gallery.mark(int(points.image[place]))

    def _show_gallery(self) -> None:
        session, measures = self._session, self._session.measures

        def show(gallery: Gallery) -> None:
            if measures is session.measures:  # an older worker may end after a newer one
                self.gallery.set_gallery(gallery)
                self._mark_image(session.point)

        if measures is not None and self._gallery.made is not None:
            session.background.run(lambda: gallery_of_sweep(session.run, measures), show, owner=self)
