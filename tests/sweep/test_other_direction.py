"""A sweep in the direction that is not the default one."""

from numpy_runs import dataset, sweep

from tfstab import SweepConfig
from tfstab.degradations.directions import measured_one_way
from tfstab.explanation.tried import Tried
from tfstab.report import severity_table


def test_its_titles_say_so_once(tmp_path):
    for severities, title in (((-1, -2), "underexposure (more light)"), ((1, 2), "underexposure")):
        run = sweep(tmp_path / title, SweepConfig(degradation="underexposure", severities=severities), dataset(3))
        assert (run.degradation.title, run.title) == (title, f"{title} sweep")
        assert severity_table(run).title == f"Accuracy under {title}"
        named = f"underexposure ({'more' if severities[0] < 0 else 'less'} light)"
        assert measured_one_way([(run.degradation, run.severities)]) == (named,)
        assert Tried.in_run(run, int(run.clean.indices[0])).title == named
