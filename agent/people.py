"""Who may come in, and as what; kept in control."""

from collections.abc import Callable

from data.control import Control
from data.sessions import keep_person, people
from models.errors import ConfigError
from models.messages import say
from models.sessions import (
    OWNER,
    PEOPLE_MAX,
    VIEWER,
    Person,
    checked_email,
    checked_name,
    refuse_last_owner,
    role_of,
)


class People:
    """For whoever holds the lock of the sessions."""

    def __init__(self, control: Control, wall: Callable[[], float]) -> None:
        self._control = control
        self._wall = wall
        self._kept = {person.name: person for person in people(control)}

    def everybody(self) -> list[Person]:
        return list(self._kept.values())

    def named(self, name: str) -> Person | None:
        return self._kept.get(name)

    def with_email(self, email: str) -> Person | None:
        wanted = email.strip().lower()
        return next((each for each in self._kept.values() if wanted and each.email == wanted), None)

    def put(self, name: str, role: str, email: str = "") -> Person:
        """Add somebody, or change his role or his e-mail. Raises ConfigError."""
        known = self._kept.get(name)
        email = checked_email(email) or (known.email if known else "")
        other = self.with_email(email)
        if other is not None and other.name != name:
            raise ConfigError(say("{email} is of {name} already", email=email, name=other.name))
        if known is not None:
            refuse_last_owner(self._kept.values(), known, role_of(role))
        person = self._fresh(name, role, email) if known is None else known
        person = person._replace(role=role_of(role), email=email)
        keep_person(self._control, person)
        self.know(person)
        return person

    def for_link(self, name: str, role: str) -> Person:
        """Whose a link would be, perhaps somebody new who is not kept yet. Raises ConfigError.

        Without a name it is the first owner's.
        """
        if not name:
            if role not in {"", OWNER}:
                raise ConfigError(say("whose link is it? Add a name, for example --name kim"))
            owners = [each for each in self._kept.values() if each.role == OWNER]
            return owners[0] if owners else self._fresh(OWNER, OWNER)
        known = self._kept.get(name)
        if known is None:
            return self._fresh(name, role or VIEWER)
        if role not in {"", known.role}:
            raise ConfigError(
                say(
                    "{name} is {known} already; leave the role away, or change it with "
                    "`people add {name} --role {role}`",
                    name=name,
                    known=known.role,
                    role=role_of(role),
                )
            )
        return known

    def know(self, person: Person) -> None:
        """What is kept by now."""
        self._kept[person.name] = person

    def forget(self, name: str) -> None:
        self._kept.pop(name, None)

    def refuse_to_lose(self, person: Person) -> None:
        """Raises ConfigError where nobody would be left who may do everything."""
        refuse_last_owner(self._kept.values(), person)

    def _fresh(self, name: str, role: str, email: str = "") -> Person:
        if len(self._kept) >= PEOPLE_MAX:
            raise ConfigError(
                say("There are {most} people already; remove one first", most=PEOPLE_MAX)
            )
        return Person(checked_name(name), role_of(role), email, self._wall())
