"""Notices that the code of a degradation has changed since a run was made, although its `version` is the same.

Numbers of the old code must not be taken for those of the new code, even if the command of a finished run is repeated.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.degradations import Degradation
from tfstab.degradations.registry import how_to_restore, registered_checksum, registered_files
from tfstab.errors import RunError
from tfstab.reading import checksum_of
from tfstab.runs.evidence import DEGRADATION
from tfstab.runs.probe import DRAW_NOTHING, changed_versions, same_numbers
from tfstab.warning import warn
from tfstab.wording import OUT, listed

Info = Mapping[str, Any]


def check_code(path: Path, there: Info, here: Info) -> None:
    """Raise RunError if a degradation makes other images here than for a run, because its code has changed.

    Other versions of packages are no error: the numbers of a finished run stay valid. Warns if the degradation's file
    has changed, but a test image shows no difference.

    Parameters
    ----------
    path : Path
        The run's folder.
    there, here : Mapping
        The run's run.json, and what a run of the same settings would record here: at least the settings, the versions
        of packages, the evidence and the probe.
    """
    was, now = (info.get("probe", {}) for info in (there, here))
    if not all({"draws", "pixels"} <= probe.keys() for probe in (was, now)):
        return
    file, name = _changed_file(there, here), there["settings"].get("degradation")
    if same_numbers("pixels", was["pixels"], now["pixels"]):
        if file:
            warn(
                f"{file} has changed since '{name}' was measured. A test image is degraded as before, so the run goes "
                "on. If the degradation does something else now, change its `version` and choose another folder with "
                f"{OUT}."
            )
        return
    packages = set(changed_versions(*(info["environment"]["versions"] for info in (here, there)))) - DRAW_NOTHING
    if not same_numbers("draws", was["draws"], now["draws"]) or (packages and not file):
        return
    what = f"{file} has changed" if file else "its code, or something that it depends on, has changed"
    what += f", and so has the version of {listed(sorted(packages))}" if packages else ""
    raise RunError(
        f"{path} cannot be resumed: the degradation '{name}' makes different images now, as {what}. To measure "
        f"with the new images, change the degradation's `version` and choose another folder with {OUT}. To go on with "
        "the old images, "
        f"{f'restore {file}' if file else how_to_restore(there['settings'].get('family'))}"
        f"{' and the old versions' if packages else ''}."
    )


def note_old_code(family: Degradation) -> None:
    """Warn if the file that registered a degradation has changed since, as in a viewer or notebook that stays open."""
    file, checksum = registered_files().get(family.name), registered_checksum(family.name)
    with contextlib.suppress(OSError):  # it is gone
        if file is not None and checksum and checksum_of(file) != checksum:
            warn(
                f"{file.name} has changed since it was imported, and '{family.name}' is measured with its old code. To "
                "measure with the new code, start tfstab again (in Python, a new session)."
            )


def _changed_file(there: Info, here: Info) -> str:
    """Return the name of the file that registered the degradation if it has another content; "" if not, or unknown."""
    was, now = (_file(info) for info in (there, here))
    return str(now.get("name")) if was and now and was.get("sha256") != now.get("sha256") else ""


def _file(info: Info) -> Info:
    """Return what a run.json records of the file that registered the degradation; {} if that is not known."""
    evidence = info.get("evidence")
    entry = evidence.get(DEGRADATION) if isinstance(evidence, dict) else None
    return entry if isinstance(entry, dict) else {}
