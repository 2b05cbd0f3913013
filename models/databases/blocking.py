"""Who waits for whom in a database: sessions and their blockers as a tree."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

NODES_MAX = 50
DEPTH_MAX = 12
PREPARED = 0
"""The pid that PostgreSQL gives for a prepared transaction, which belongs to no session."""


class Session(NamedTuple):
    """One backend. Ages are seconds, None where it has none; `blockers` are the pids it waits for.

    `query` is fit to be shown. `kind` is "client backend", "autovacuum worker" ...
    """

    pid: int
    user: str
    app: str
    database: str
    state: str
    wait: str
    query: str
    query_seconds: float | None
    transaction_seconds: float | None
    blockers: tuple[int, ...] = ()
    kind: str = "client backend"

    @property
    def seconds(self) -> float:
        """How long it has been at what it is at: its query, or its idle transaction."""
        age = self.query_seconds if self.state == "active" else self.transaction_seconds
        return max(age or 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Node:
    """A session and those that wait for it. `session` is None where only the pid is known."""

    pid: int
    session: Session | None
    children: "tuple[Node, ...]"

    @property
    def waiting(self) -> int:
        """How many wait behind it, at any depth."""
        return sum(1 + child.waiting for child in self.children)


class _Tree:
    def __init__(self, sessions: Mapping[int, Session]) -> None:
        self.sessions = sessions
        self.waiters: dict[int, list[int]] = defaultdict(list)
        for session in sessions.values():
            for blocker in set(session.blockers):
                self.waiters[blocker].append(session.pid)
        self.told: set[int] = set()

    def node(self, pid: int, depth: int = 1) -> Node:
        self.told.add(pid)
        # Telling one tells those behind it, so what is left to tell changes from one to the next.
        children = [
            self.node(waiter, depth + 1)
            for waiter in sorted(self.waiters[pid], key=self.age, reverse=True)
            if depth < DEPTH_MAX and self.is_to_tell(waiter)
        ]
        return Node(pid, self.sessions.get(pid), tuple(children))

    def is_to_tell(self, pid: int) -> bool:
        return pid not in self.told and len(self.told) < NODES_MAX

    def age(self, pid: int) -> float:
        session = self.sessions.get(pid)
        return session.seconds if session is not None else 0.0


def blocking_tree(sessions: Iterable[Session]) -> list[Node]:
    """Those who block and wait for nobody, whoever holds up most first; each session once.

    Of a circle (a deadlock that is about to be found) the oldest stands for the root.
    """
    tree = _Tree({session.pid: session for session in sessions})
    waiting = {pid for pid, session in tree.sessions.items() if session.blockers}
    blocking = [pid for pid in list(tree.waiters) if tree.waiters[pid]]
    roots = set(blocking) - waiting
    oldest_first = sorted(blocking, key=tree.age, reverse=True)
    trees = [tree.node(pid) for pid in oldest_first if pid in roots and tree.is_to_tell(pid)]
    trees += [tree.node(pid) for pid in oldest_first if tree.is_to_tell(pid)]
    return sorted(trees, key=lambda node: node.waiting, reverse=True)
