"""Official archives: found in the data directory, else downloaded with resume, progress bar and checksum."""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tfstab.errors import DataError, disk_error
from tfstab.paths import user_path

CHUNK = 1 << 18
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # errors that another address would not avoid
_refused: ContextVar[bool] = ContextVar("_refused", default=False)


class NotDownloadedError(DataError):
    """A file is missing that could be downloaded, but downloads are switched off by `no_download`."""


@contextmanager
def no_download() -> Iterator[None]:
    """Make missing files an error in the body of the `with` statement, as when a stranger's run names the data set."""
    token = _refused.set(True)
    try:
        yield
    finally:
        _refused.reset(token)


@dataclass(frozen=True)
class Archive:
    """An official file.

    Attributes
    ----------
    filename : str
        Its name in the data directory.
    url : str
        Where it is published.
    checksum : str
        "sha256:..." or "md5:...".
    """

    filename: str
    url: str
    checksum: str


def data_directory(chosen: Path | None) -> Path:
    """Return the chosen directory, else `$TFSTAB_DATA`, else the platform's folder for user data."""
    if chosen is not None:
        return chosen
    from_environment = os.environ.get("TFSTAB_DATA")
    if from_environment:
        return user_path(from_environment)
    return platformdirs.user_data_path("tfstab", appauthor=False)


def locate(archive: Archive, data_dir: Path | None) -> Path:
    """Return the path of an archive in the data directory, and download it first if it is missing.

    An existing file is used whether or not it is the official one; `is_official` tells.

    Raises
    ------
    DataError
        The download fails; the message gives the file's name, its address and the folder to put it in.
    DiskError
        The disk is full or fails.
    """
    directory = data_directory(data_dir)
    path = directory / archive.filename
    if path.is_file():
        return path
    if _refused.get():
        raise NotDownloadedError(
            f"{archive.filename} is not in {directory}: get it from {archive.url} and put it there, "
            "or name the folder that holds it with --data-dir or TFSTAB_DATA."
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _only_one(path):
            if not path.is_file():  # another process may have downloaded it in the meantime
                import pooch  # takes a quarter of a second, which only a download needs (requests and rich below, too)

                pooch.retrieve(
                    archive.url, archive.checksum, archive.filename, directory, downloader=_resuming_download
                )
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in OF_THE_DISK:
            raise disk_error(error, path) from error
        reason = "its checksum is wrong" if isinstance(error, ValueError) else "the download failed"
        raise DataError(
            f"{archive.filename} is not in {directory} and {reason}: get it from {archive.url} and put it there, "
            "or name the folder that holds it with --data-dir or TFSTAB_DATA."
        ) from error
    return path


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Make this process the only one that downloads the file; the lock file is removed afterwards."""
    from filelock import FileLock, Timeout
    from rich.console import Console

    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        Console(stderr=True).print(f"waiting for another process that is downloading {path.name}")
        lock.acquire()
    try:
        yield
    finally:
        # Removed while it is held: a process that waits for it notices that the file is gone and makes a new one.
        with contextlib.suppress(OSError):  # Windows does not remove open files
            Path(lock.lock_file).unlink()
        lock.release()


def is_official(archive: Archive, path: Path) -> bool:
    """Return whether the file has the checksum of the published one."""
    algorithm, _, expected = archive.checksum.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == expected


def _resuming_download(url: str, output_file: str, _pooch: object) -> None:
    """Download a file for pooch, continuing an interrupted download of the same file."""
    import requests
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    partial = Path(output_file).parent / (url.rsplit("/", 1)[-1] + ".part")
    have = partial.stat().st_size if partial.exists() else 0
    # Uncompressed: the bytes of a compressed reply could not be counted, and an archive would arrive unpacked.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=30) as reply:
        if reply.status_code == 416:  # the range is empty, so the file was complete
            shutil.move(partial, output_file)
            return
        reply.raise_for_status()
        resumed = reply.status_code == 206
        total = int(reply.headers.get("Content-Length", 0)) + (have if resumed else 0)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        bar = Progress(*columns, transient=True, console=Console(stderr=True))
        with bar as progress, partial.open("ab" if resumed else "wb") as file:
            task = progress.add_task(partial.stem, total=total or None, completed=have if resumed else 0)
            for chunk in reply.iter_content(CHUNK):
                file.write(chunk)
                progress.advance(task, len(chunk))
            file.flush()
            os.fsync(file.fileno())
    shutil.move(partial, output_file)
