"""At which severity a class loses a tenth and half of its recall: in the table of classes and on its bar."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.gui.content.class_bars import bars_of_sweep
from tfstab.gui.content.class_losses import severities_of_loss
from tfstab.gui.widgets.blocks import Caption
from tfstab.gui.widgets.sweep.metrics_tables import loss_columns
from tfstab.sweep.intervals import severity_of_loss

RIGHT = ((40, 40, 10), (40, 40, 39), (12, 2, 0), (3, 3, 3))  # of 40, at densities of 20, 40 and 60 %; all when clean
CLEAN = (40, 40, 40, 4)


def fog(folder, right, clean, images=40):
    """A sweep of classes of so many images each. right, clean: how many are right at each severity, and when clean."""
    k = len(right)
    labels, number = np.repeat(np.arange(k), images), np.tile(np.arange(images), k)
    taken = np.where(number[:, None] < np.array(right)[labels], labels[:, None], (labels[:, None] + 1) % k)[:, :, None]
    unharmed = np.where(number < np.array(clean)[labels], labels, (labels + 1) % k)
    config = SweepConfig(degradation="fog", severities=(20, 40, 60), copies=1)
    return made_sweep(folder, config, taken, labels, unharmed, classes=k)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("losses") / "fog"
    fog(folder, RIGHT, CLEAN)
    return folder


def test_the_table_of_classes_says_where_a_tenth_and_half_of_the_recall_are_lost(open_window, swept, settle):
    page = open_window(swept, view="Metrics").page().metrics
    page.tabs.setCurrentWidget(page.classes)
    settle(page.window())
    columns = {column.title: column for column in page.classes.array.columns}
    tenth, half = columns["10 % lost at"], columns["50 % lost at"]
    assert tenth.values[0] == pytest.approx(40 + 20 * 0.1 / 0.75) and half.values[0] == pytest.approx(
        40 + 20 * 0.5 / 0.75
    )
    m = open_run(swept).measures
    e = severity_of_loss(m.config, (1 - m.wrong_share)[m.labels == 0], m.clean_correct[m.labels == 0])
    assert severities_of_loss(m, [0])[0][1] == e and half.text(0) == f"53 ({e.low:.0f}–{e.high:.0f})"
    spread = severities_of_loss(m, [1])[1]
    assert np.isinf([of.value for of in spread]).all() and 40 < spread[0].low < 60 and np.isinf(spread[1].low)
    unreached = f"not before {spread[0].low:.0f}, if at all"
    assert [tenth.text(k) for k in (1, 2, 3)] == [unreached, "before 20", "–"], "too few are right when clean"
    assert [half.text(k) for k in (1, 2, 3)] == ["not reached", "before 20", "–"]


def test_the_overview_says_so_of_the_network_and_on_the_bars(open_window, swept):
    overview = open_window(swept, overview=True).page().overview
    tips = {bar.label: " ".join(bar.toolTip().split()) for bar in overview.classes_block.bars}
    assert "It has lost a tenth of its recall at density 43 % (" in tips["0"]
    assert ") and half at density 53 % (" in tips["0"]
    assert "It loses a tenth of its recall not before density 45 %, if at all." in tips["1"]
    assert "It has lost half of its recall before density 20 %." in tips["2"]
    assert "of its recall" not in tips["3"].lower()
    (caption,) = (block.accessibleName() for block in overview.numbers if "its accuracy" in block.accessibleName())
    assert caption.endswith("; a tenth of it is lost before density 20 %")


@pytest.mark.parametrize(
    ("right", "clean", "said"),
    [
        ((40, 34, 10), 40, "has lost a tenth of its recall at density 33 % (21–42) and half at density 52 % (47–57)"),
        ((40, 40, 26), 40, "has lost a tenth of its recall at density 46 % (41–50), and half not before density 59 %, "
                           "if at all"),
        ((40, 40, 39), 40, "loses a tenth of its recall not before density 45 %, if at all"),
        ((12, 2, 0), 40, "has lost half of its recall before density 20 %"),
        ((35, 4, 0), 40, "has lost a tenth of its recall probably before density 20 % (at the latest at 22) and half "
                         "at density 30 % (27–33)"),
        ((5, 5, 5), 6, "has lost a tenth of its recall probably before density 20 %, and half at no severity tried, as "
                       "measured"),
        ((7, 6, 5), 7, "has lost a tenth of its recall at about density 34 %, and half not before density 31 %, if at "
                       "all"),
        ((3, 3, 3), 4, ""),
    ],
)  # fmt: skip
def test_a_sentence_below_the_bars_says_where_the_weakest_class_loses_its_recall(tmp_path, right, clean, said):
    run = fog(tmp_path / "fog", (right, (40, 40, 40)), (clean, 40))
    bars = bars_of_sweep(run, run.measures, {})
    assert bars.bars[0].name == "0" and bars.lost == (f"Weakest: class 0, which {said}." if said else "")
    assert (f"It {said}" in bars.bars[0].tip) == bool(said)


def test_of_fewer_than_ten_images_no_class_is_called_the_weakest(tmp_path):
    run = fog(tmp_path / "fog", ((9, 2, 0), (9, 9, 9)), (9, 9), images=9)
    bars = bars_of_sweep(run, run.measures, {})
    assert not bars.lost and "It has lost a tenth of its recall" in bars.bars[0].tip


def test_the_sentence_is_seen_below_the_bars(open_window, tmp_path):
    fog(tmp_path / "fog", ((36, 34, 10), (40, 40, 40)), (40, 40))
    block = open_window(tmp_path / "fog", overview=True).page().overview.classes_block
    (line,) = (each for each in block.findChildren(Caption) if each.text().startswith("Weakest: class 0, which has"))
    assert line.isVisible() and line.y() > max(bar.y() for bar in block.bars)


@pytest.mark.parametrize(("severities", "there"), [((-40, 40), False), ((20, 40), True)])
def test_the_columns_are_there_if_severities_run_in_one_direction_even_if_nothing_is_lost(tmp_path, severities, there):
    labels = np.repeat([0, 1], 20)
    config = SweepConfig(degradation="brightness", severities=severities, copies=1)
    run = made_sweep(tmp_path / "sweep", config, labels[:, None, None] * np.ones((1, 2, 1), int), labels)
    texts = [[column.text(k) for k in (0, 1)] for column in loss_columns(run.measures)]
    assert (
        all("not reached" in text or "if at all" in text for column in texts for text in column)
        and len(texts) == 2 * there
    )
