"""An order for a run, as the viewer gives it to its child."""

from tfstab.gui.jobs.protocol import RunOrder


def order(kind="search", data="mnist-5k", out="/nowhere/run", **more):
    return RunOrder(1, kind, "mnist-lenet", data, out, **more)
