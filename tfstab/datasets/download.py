"""Official archives: found in the data directory, else downloaded with a checksum, progress and resume."""

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

CHUNK = 1 << 18
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # errors for which another address is no help
_refused: ContextVar[bool] = ContextVar("_refused", default=False)


@contextmanager
def no_download() -> Iterator[None]:
    """Within it, files that are missing are an error, as where somebody else's run names them."""
    token = _refused.set(True)
    try:
        yield
    finally:
        _refused.reset(token)


@dataclass(frozen=True)
class Archive:
    """An official file: its name, where it is published, and its checksum (`sha256:...` or `md5:...`)."""

    filename: str
    url: str
    checksum: str


def data_directory(chosen: Path | None) -> Path:
    """The chosen directory, else `$TFSTAB_DATA`, else the platform's folder for user data."""
    if chosen is not None:
        return chosen
    from_environment = os.environ.get("TFSTAB_DATA")
    if from_environment:
        return Path(from_environment).expanduser()
    return platformdirs.user_data_path("tfstab", appauthor=False)


def locate(archive: Archive, data_dir: Path | None) -> Path:
    """The path of the archive in the data directory, downloaded first where it is missing.

    A file that is there is taken as it is, official or not: `is_official` tells. Raises DataError where the
    download fails, with the file's name, its address and the folder to put it in, and DiskError where the disk is full
    or fails.
    """
    directory = data_directory(data_dir)
    path = directory / archive.filename
    if path.is_file():
        return path
    if _refused.get():
        raise DataError(
            f"{archive.filename} is not in {directory}: get it from {archive.url} and put it there, "
            "or name the folder that holds it with --data-dir or TFSTAB_DATA."
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _only_one(path):
            if not path.is_file():  # another process may have downloaded it in the meantime
                import pooch  # here and below: a quarter of a second that only a download needs

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
    """Within it, this process is the only one that downloads the file. The lock is gone afterwards."""
    from filelock import FileLock, Timeout
    from rich.console import Console

    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        Console(stderr=True).print(f"waiting for another process that downloads {path.name}")
        lock.acquire()
    try:
        yield
    finally:
        # While it is held: who waits for it finds that it has no name any more, and takes a new one.
        with contextlib.suppress(OSError):  # Windows removes no file that is open
            Path(lock.lock_file).unlink()
        lock.release()


def is_official(archive: Archive, path: Path) -> bool:
    """Whether the file is byte for byte the published one."""
    algorithm, _, expected = archive.checksum.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == expected


def _resuming_download(url: str, output_file: str, _pooch: object) -> None:
    """A pooch downloader that goes on where an interrupted download of the same file stopped."""
    import requests
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    partial = Path(output_file).parent / (url.rsplit("/", 1)[-1] + ".part")
    have = partial.stat().st_size if partial.exists() else 0
    # As it is: bytes of a compressed reply could not be counted, and an archive would arrive unpacked.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=30) as reply:
        if reply.status_code == 416:  # the range is empty: the file was whole already
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
