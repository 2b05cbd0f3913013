"""Machines and heartbeats in control.sqlite3: what must outlive the agent, a transaction each."""

from collections.abc import Iterable

from data.control import Control, insert
from models.beats import Beat
from models.machines import Machine, Pushed

RUNS_KEPT = 100
"""Runs of a probe, the last ones: what is older can no longer wait in a spool."""


def machines(control: Control) -> list[Machine]:
    return [Machine(*row[:-1]) for row in control.rows("machines", "name")]


def pushes(control: Control) -> list[Pushed]:
    return [Pushed(*row[:-1]) for row in control.rows("pushes", "machine, last_at")]


def beats(control: Control) -> list[Beat]:
    return [Beat(*row[:-1]) for row in control.rows("beats", "name")]


def keep_push(control: Control, machine: Machine, pushed: Pushed) -> None:
    """Remember how far a run is stored. Only after the store has acknowledged its rows."""
    with control.transaction() as connection:
        insert(connection, "machines", [machine])
        insert(connection, "pushes", [pushed])
        connection.execute(
            """
            DELETE FROM pushes WHERE machine = ? AND run NOT IN (
                SELECT run FROM pushes WHERE machine = ? ORDER BY last_at DESC LIMIT ?)
            """,
            [machine.name, machine.name, RUNS_KEPT],
        )


def keep_machine(control: Control, machine: Machine) -> None:
    with control.transaction() as connection:
        insert(connection, "machines", [machine])


def forget_machine(control: Control, name: str) -> None:
    """Its name is free again. How far its runs are stored stays: a replay is still no news."""
    with control.transaction() as connection:
        connection.execute("DELETE FROM machines WHERE name = ?", [name])


def keep_beats(control: Control, fresh: Iterable[Beat]) -> None:
    with control.transaction() as connection:
        insert(connection, "beats", fresh)


def forget_beat(control: Control, name: str) -> None:
    with control.transaction() as connection:
        connection.execute("DELETE FROM beats WHERE name = ?", [name])
