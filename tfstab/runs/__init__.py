"""Run folders, which are written part by part, can be killed at any time, resumed, verified and opened."""

from tfstab.runs.clean import CleanImages
from tfstab.runs.folder import RunFolder
from tfstab.runs.opening import open_run
from tfstab.runs.writer import RunWriter

__all__ = ["CleanImages", "RunFolder", "RunWriter", "open_run"]
