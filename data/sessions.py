"""People, links and sessions in control.sqlite3, a transaction each: hashes, never a token."""

from collections.abc import Iterable

from data.control import Control, insert
from models.sessions import Link, Person, Session


def people(control: Control) -> list[Person]:
    return [Person(*row[:-1]) for row in control.rows("people", "added_at, name")]


def links(control: Control) -> list[Link]:
    return [Link(*row[:-1]) for row in control.rows("links", "made_at")]


def sessions(control: Control) -> list[Session]:
    return [Session(*row[:-1]) for row in control.rows("sessions", "made_at")]


def keep_link(control: Control, person: Person, link: Link, gone: Iterable[Link]) -> None:
    """A new link with its person, who may be new as well; those that are `gone` with it."""
    with control.transaction() as connection:
        insert(connection, "people", [person])
        insert(connection, "links", [link])
        connection.executemany(
            "DELETE FROM links WHERE sha256 = ?", [(each.sha256,) for each in gone]
        )


def exchange(
    control: Control, link: Link | None, session: Session, gone: Iterable[Session]
) -> None:
    """The link ends as the session begins: no crash in between makes two of one."""
    with control.transaction() as connection:
        if link is not None:
            connection.execute("DELETE FROM links WHERE sha256 = ?", [link.sha256])
        insert(connection, "sessions", [session])
        connection.executemany(
            "DELETE FROM sessions WHERE sha256 = ?", [(each.sha256,) for each in gone]
        )


def keep_person(control: Control, person: Person) -> None:
    with control.transaction() as connection:
        insert(connection, "people", [person])


def keep_session(control: Control, session: Session) -> None:
    with control.transaction() as connection:
        insert(connection, "sessions", [session])


def end_sessions(control: Control, ended: Iterable[Session]) -> None:
    with control.transaction() as connection:
        connection.executemany(
            "DELETE FROM sessions WHERE sha256 = ?", [(each.sha256,) for each in ended]
        )


def end_everything_of(control: Control, name: str, *, forget: bool) -> None:
    """All that lets a person in; with `forget` the person as well."""
    with control.transaction() as connection:
        for table in ("sessions", "links"):
            connection.execute(f"DELETE FROM {table} WHERE person = ?", [name])  # noqa: S608
        if forget:
            connection.execute("DELETE FROM people WHERE name = ?", [name])
