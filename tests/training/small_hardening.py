"""Settings of a hardening that takes a second, for several files of tests."""

from tfstab.training import HardenConfig

STRONG = {"fog": (70, 95)}
CONFIG = HardenConfig(against=STRONG, keep_clean=5, epochs=6, batch_size=50, seed=2)
