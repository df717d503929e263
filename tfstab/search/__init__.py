"""Minimum noise (paper section 3): the smallest additive noise that makes a classifier wrong."""

from tfstab.search.callback import minimum_noise_callback
from tfstab.search.config import SearchConfig
from tfstab.search.progress import SearchProgress, Stop
from tfstab.search.result import MinimumNoise
from tfstab.search.run import SearchRun
from tfstab.search.running import run_search, search_minimum_noise

__all__ = [
    "MinimumNoise",
    "SearchConfig",
    "SearchProgress",
    "SearchRun",
    "Stop",
    "minimum_noise_callback",
    "run_search",
    "search_minimum_noise",
]
