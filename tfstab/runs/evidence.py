"""What run.json records for an auditor: checksums of the files that a run was made with, and a function's own text.

None of it is part of the run's identity: a model that is saved again may have another file and the same weights.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfstab.degradations import Degradation, get_degradation
from tfstab.degradations.registry import registered_checksum, registered_files
from tfstab.limits import LONGEST_TEXT
from tfstab.names import shortened

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

DEGRADATION = "degradation_file"


def model_evidence(classifier: "Classifier") -> dict[str, Any]:
    """Return name and SHA-256 of the file of a model, or the text that names a function; {} for other models."""
    if classifier.source is not None and classifier.source.file_checksum:
        return {"model_file": _file(classifier.source.file_name, classifier.source.file_checksum)}
    text = getattr(classifier, "fingerprint_text", "")
    return {"model_text": shortened(text, LONGEST_TEXT)} if text else {}


def degradation_evidence(family: Degradation) -> dict[str, Any]:
    """Return name and SHA-256 of the .py file that registered a degradation; {} for those that tfstab has."""
    file, checksum = registered_files().get(family.name), registered_checksum(family.name)
    if file is None or not checksum or get_degradation(family.name).function is not family.function:
        return {}
    return {DEGRADATION: _file(file.name, checksum)}


def joint_evidence(infos: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the evidence of several run.json of one model: that of the first, and the file of each degradation."""
    found = [info["evidence"] for info in infos if isinstance(info.get("evidence"), dict)]
    joint = {key: value for key, value in (found[0] if found else {}).items() if key != DEGRADATION}
    files = {
        str(info["settings"].get("degradation")): info["evidence"][DEGRADATION]
        for info in infos
        if isinstance(info.get("evidence"), dict) and DEGRADATION in info["evidence"]
    }
    return joint | ({"degradation_files": files} if files else {})


def evidence_rows(info: dict[str, Any]) -> dict[str, str]:
    """Return the evidence in a run.json as text, by what it is of; a run of a stranger may have anything there."""
    found = info.get("evidence")
    if not isinstance(found, dict):
        return {}
    rows = {"text of the function": found.get("model_text")}
    for name, what in (("model_file", "file of the network"), (DEGRADATION, "file of the degradation")):
        entry = found.get(name)
        if isinstance(entry, dict):
            rows[what] = f"{entry.get('name')}, SHA-256 {entry.get('sha256')}"
    return {what: shortened(text, LONGEST_TEXT) for what, text in rows.items() if isinstance(text, str)}


def _file(name: str, checksum: str) -> dict[str, str]:
    return {"name": name, "sha256": checksum}
