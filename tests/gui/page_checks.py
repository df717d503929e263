"""What must hold for any page in any state, and what of it can be compared."""

import numpy as np


def check(page, session):
    """The selection, the images, the list and the plot of a page agree with its session."""
    key, triple = session.mark_key, session.triple
    if session.kind != "assessment":
        assert (key is None) == (triple is None)
    if key is not None:
        _, clean, degraded = session.picture(key)
        assert np.array_equal(triple.clean, clean)
        replayed = _replayed(page, session)
        if replayed is None:
            assert np.array_equal(triple.degraded, degraded)
        else:
            # Noise is kept rounded, so that a pixel may lie a little outside the grey levels.
            assert np.allclose(triple.degraded, np.clip(clean + replayed, 0, 255), atol=1e-3)
        assert session.selected_image == key[0]
    assert page.triple.triple is triple or not page.triple.isVisible()
    if session.kind == "sweep":
        _check_the_list(page, session, key)
        _check_the_plot(page, session)


def _replayed(page, session):
    """The noise of the generation to which a search's history has been moved back; None at its end."""
    if session.kind != "search" or session.result is None:
        return None
    slider, result = page.history.replay.slider, session.result
    at_end = slider.value() == slider.maximum()
    return None if at_end else session.run.course(result).at(slider.value())[1]


def _check_the_list(page, session, key):
    filters, points, rows = page.filters, session.points, session.view.rows
    assert filters.classes.currentData() == session.class_index
    assert filters.severities.currentData() == session.filter.severity_index
    assert filters.predicted.currentData() == session.filter.predicted
    assert points.class_index == session.class_index
    assert page.points_page.correct.isChecked() == session.view.asked.correct_too
    if session.filter.predicted is not None:
        assert (points.predicted[rows] == session.filter.predicted).all()
    if key is not None and session.view.row_of(session.point) is not None and session.view.groups is None:
        assert page.points_page.table.currentIndex().row() == session.view.row_of(session.point)


def _check_the_plot(page, session):
    points = session.points
    if session.class_index is None:
        return
    drawn = session.point is not None and session.point in session.shown
    drawn = drawn and np.isfinite(points.psnr[session.point])
    at = (float(points.psnr[session.point]), float(points.score[session.point])) if drawn else None
    assert page.scatter.selected == at, (page.scatter.selected, at)


def look(page, session):
    """What is on screen: the viewpoint, the keys of the list, that of the selected image, and its pixels."""
    listed = shown = None
    if session.kind == "sweep":
        listed = [session.points.key(int(row)) for row in session.view.rows]
    if session.mark_key is not None and session.kind != "assessment":
        shown = session.picture(session.mark_key)[2].tolist()  # check() compares it with what is drawn
    return page.viewpoint(), listed, session.mark_key, shown
