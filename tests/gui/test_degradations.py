"""A sweep of another degradation than noise is shown by its own severity."""

import numpy as np
import pytest

from tfstab import open_run
from tfstab.gui.content.gallery import gallery_of_sweep


@pytest.fixture
def run(runs):
    return open_run(runs / "jpeg")


@pytest.fixture
def window(open_window, runs, settle):
    """A sweep of noise and, in view, one of JPEG compression."""
    window = open_window(runs / "sweep", runs / "jpeg")
    window.controller.select(window.controller.sessions[1])
    settle(window)
    return window


def shown(widget):
    """All that the tables and labels of a page say."""
    model = widget.model()
    heads = [str(model.headerData(c, widget.horizontalHeader().orientation())) for c in range(model.columnCount())]
    return " ".join(heads + [str(model.index(0, c).data()) for c in range(model.columnCount())])


def test_points_are_filtered_and_named_by_quality(window, run, settle):
    page, session = window.page(), window.controller.current
    assert session.run.degradation.name == "jpeg" and "JPEG compression" in session.about
    box = page.filters.severities
    assert [box.itemText(k) for k in range(box.count())] == ["all", "60", "5", "1"]  # the mildest first
    box.setCurrentIndex(2)
    settle(window)
    assert len(session.shown) == len(run.samples(class_index=session.class_index, severity=5))
    session.select_point(int(session.shown[0]))
    settle(window)
    image, place, copy = session.points.key(session.point)
    assert f"quality {run.severities[place]:g}" in session.describe(session.point)
    clean = run.clean.images[run.clean.row(image)]
    np.testing.assert_array_equal(session.triple.degraded, run.degraded_image(image, place, copy))
    np.testing.assert_array_equal(session.triple.noise, run.degraded_image(image, place, copy) - clean)
    words = str(session.triple.facts) + session.triple.title
    assert "Quality" in words and "Sigma" not in words and "sigma" not in words


def test_metrics_go_from_mild_to_strong(window, run, settle):
    page = window.page()
    page.tabs.setCurrentWidget(page.metrics)
    settle(window)
    plot = page.metrics.accuracy
    assert plot.getAxis("bottom").labelText == "Quality" and plot.getViewBox().xInverted()
    everything, _ = plot.lines[0]
    assert list(everything.xData) == [1, 5, 60]
    assert everything.yData[-1] == pytest.approx(100 * run.measures.accuracy[0])
    told = shown(page.metrics.headline) + shown(page.metrics.weakest)
    assert "Quality at half" in told and "Cert" not in told and "igma" not in told
    page.metrics.severities.setCurrentIndex(page.metrics.severities.findText("5"))
    settle(window)
    metrics = run.class_metrics(severity=5)
    assert page.metrics.classes.array.columns[3].values == pytest.approx(metrics.recall, nan_ok=True)


def test_only_sweeps_of_one_degradation_stand_side_by_side(window):
    noise, jpeg = window.controller.sessions
    assert not jpeg.comparable(noise) and not noise.comparable(jpeg) and jpeg.comparable(jpeg)
    assert not window.page().compare.choices


def test_the_gallery_says_at_which_quality_images_fail(run):
    gallery = gallery_of_sweep(run, run.measures)
    for place, value in enumerate(run.measures.failing_severity()):
        expected = "wrong when clean" if value == 100 else "never fails" if value == np.inf else f"quality {value:g}"
        assert expected in gallery.tip(place)
