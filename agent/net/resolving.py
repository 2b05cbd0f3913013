"""From a name to addresses, without waiting longer than there is time."""

import socket
import threading

from agent.net.deadline import Deadline

ADDRESSES_MAX = 4
"""How many addresses of a name are tried; all of them are judged."""


class Resolver:
    """One question at a time. The system's resolver knows no time limit, so names are asked for on
    a thread; while one hangs no second is started.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._answer: list[str] | OSError | None = None

    def addresses(self, host: str, deadline: Deadline) -> list[str]:
        """Raises OSError when there is no such name, TimeoutError when nobody says."""
        numbers = _numeric(host)
        if numbers is not None:
            return numbers
        if self._thread is None or not self._thread.is_alive():
            self._answer = None
            self._thread = threading.Thread(
                target=self._ask, args=(host,), name=f"resolve-{host}", daemon=True
            )
            self._thread.start()
        self._thread.join(deadline.left())
        if self._answer is None:
            raise TimeoutError
        if isinstance(self._answer, OSError):
            raise self._answer
        return self._answer

    def _ask(self, host: str) -> None:
        try:
            self._answer = _ask(host)
        except (OSError, UnicodeError) as error:
            self._answer = error if isinstance(error, OSError) else OSError(str(error))


def _numeric(host: str) -> list[str] | None:
    """The address that the host already is; "2130706433" and "0x7f.1" are 127.0.0.1 too."""
    try:
        return _ask(host, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None


def _ask(host: str, flags: int = 0) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(address[4][0]) for address in found))
