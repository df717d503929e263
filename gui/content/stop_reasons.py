"""Why a search stopped, in words."""

from tfstab.search.trace import StopReason

STOP_REASONS: dict[str, str] = {
    StopReason.PATIENCE: "no further improvement",
    StopReason.QUERIES: "query limit reached",
    StopReason.OBSERVER: "stopped by the user",
    StopReason.CONVERGED: "converged",
}


def stop_reason(reason: str) -> str:
    """Return a search's stop reason in words; reasons of other engines are returned unchanged."""
    return STOP_REASONS.get(reason, reason)
