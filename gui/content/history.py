"""The viewpoints that the user has come by, for going back and forward. No Qt in here."""

from tfstab.gui.content.viewpoint import Viewpoint

LONGEST = 200  # viewpoints kept


class History:
    """The viewpoints in the order of visiting, and the one in view.

    Examples
    --------
    >>> history = History()
    >>> for view in ("Scatter", "Gallery"):
    ...     history.note(Viewpoint("/runs/sweep", view))
    >>> history.look(-1).view
    'Scatter'
    """

    def __init__(self) -> None:
        self._visited: list[Viewpoint] = []
        self._here = -1

    def look(self, by: int) -> Viewpoint | None:
        """Return the viewpoint that many steps further on (back if negative), or None."""
        there = self._here + by
        return self._visited[there] if 0 <= there < len(self._visited) else None

    def note(self, viewpoint: Viewpoint) -> None:
        """Record what is in view: a new place comes after the present one, another selection replaces it."""
        if self._here >= 0 and self._visited[self._here].place == viewpoint.place:
            self._visited[self._here] = viewpoint
        else:
            self.add(viewpoint)

    def amend(self, viewpoint: Viewpoint) -> None:
        """Replace the present viewpoint if this one is of the same view of the same run."""
        here = self.look(0)
        if here is not None and (here.run, here.view) == (viewpoint.run, viewpoint.view):
            self._visited[self._here] = viewpoint

    def leave(self, viewpoint: Viewpoint) -> None:
        """Replace the present viewpoint if this one is of the same place: what is chosen there on leaving it."""
        here = self.look(0)
        if here is not None and here.place == viewpoint.place:
            self._visited[self._here] = viewpoint

    def add(self, viewpoint: Viewpoint) -> None:
        """Record a viewpoint after the present one, in place of all that Forward would have led to."""
        if self.look(0) != viewpoint:
            self._visited = [*self._visited[: self._here + 1], viewpoint][-LONGEST:]
            self._here = len(self._visited) - 1

    def move(self, by: int, viewpoint: Viewpoint) -> None:
        """Move back or forward, to what is in view there now."""
        self._here += by
        self._visited[self._here] = viewpoint

    def drop(self, by: int) -> None:
        """Forget the viewpoint that many steps further on, because it cannot be shown any more."""
        del self._visited[self._here + by]
        if by < 0:
            self._here -= 1
