"""The newest of some facts, each with what led to it."""

from __future__ import annotations

from collections import deque

from gamify_cli.domain.explain.nodes import Node, Step, View, more


class Changes:
    """Facts of one kind or another: the newest of them, as many as the view has."""

    def __init__(self, view: View) -> None:
        self._past = view.past
        self._newest: deque[tuple[Step, tuple[Step, ...]]] = deque(maxlen=view.limit)
        self._count = 0

    def add(self, step: Step) -> None:
        """Take the fact in that was read last."""
        self._newest.append((step, self._past.causes(step)))
        self._count += 1

    def nodes(self) -> list[Node]:
        """Those that are kept, newest first, and how many more there were."""
        newest, past = reversed(self._newest), self._past
        shown = [past.node(step, past.because(causes)) for step, causes in newest]
        return [*shown, *more(self._count - len(shown))]
