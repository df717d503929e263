"""Where the links of a sweep's page lead, and what is shown beside each of its views."""

import made_up_runs
import pytest

from tfstab.gui.content.viewpoint import Viewpoint


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return made_up_runs.sweep(tmp_path_factory.mktemp("places") / "sweep")


@pytest.fixture
def page(open_window, run):
    return open_window(run).page()


def test_a_link_to_a_list_selects_its_first_row_unless_it_names_another(page, run, settle):
    window, session = page.window(), page.window().controller.current
    visit = page.overview.visit_asked.emit
    visit(Viewpoint.at(run, "Gallery"))
    settle(window)
    assert page.view.made is page.gallery and session.point is None
    visit(Viewpoint.at(run, "Misclassifications", **{"class": 0}))
    settle(window)
    assert page.view.made is page.points_page and session.class_index == 0
    first = session.points.key(int(session.view.rows[0]))
    assert session.mark_key == first
    last = session.points.key(int(session.view.rows[-1]))
    visit(Viewpoint.at(run, "Misclassifications", selected=list(last)))
    settle(window)
    assert session.mark_key == last != first
    gallery = page.gallery
    assert gallery.list.currentIndex().row() == gallery.model.row_of(last[0]) != gallery.model.row_of(first[0])


def test_images_have_room_wherever_one_can_be_selected(page, settle):
    window, session = page.window(), page.window().controller.current
    seen = []

    def look(class_index, place, view):
        session.select_class(class_index)
        settle(window)
        page.tabs.show_view(view)
        if place is not None:
            session.select_point(place)
        settle(window)
        seen.append((page.images().isVisible(), page.filters.isVisible()))

    look(1, None, "Scatter")
    look(1, 2, "Scatter")
    look(None, None, "Scatter")
    look(None, 2, "Scatter")
    look(1, None, "Misclassifications")
    look(None, None, "Misclassifications")
    look(None, None, "Metrics")
    assert seen == [(True, True), (True, True), (False, True), (True, True), (True, True), (True, True), (False, False)]
