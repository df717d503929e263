"""Options for computing on several processes or machines."""

import contextlib
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from tfstab.cli.panels import RARE_PANEL
from tfstab.errors import InputError
from tfstab.execution import LocalWorkers

Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Compute on a Dask cluster, given by its scheduler's address.",
        metavar="tcp://HOST:8786",
        rich_help_panel=RARE_PANEL,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        help="Compute in N processes of one core each on this machine.",
        metavar="N",
        rich_help_panel=RARE_PANEL,
    ),
]


@contextlib.contextmanager
def computing_on(cluster: str | None, workers: int | None) -> Iterator[Any]:
    """Yield the `cluster` that --cluster or --workers asks for, or None for this process; both raise InputError."""
    if cluster is not None and workers is not None:
        raise InputError("--cluster and --workers were both given; expected one of them.")
    if workers is None:
        yield cluster
        return
    with LocalWorkers(workers) as processes:
        yield processes
