"""Two machines on one: network namespaces with a cable between them. Making them needs root."""

import itertools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_numbers = itertools.count(1)


class Networks(NamedTuple):
    """Names of the namespaces, and what the end of the cable in each has."""

    hub: str
    guest: str
    hub_address: str = "10.231.78.1"
    guest_address: str = "10.231.78.2"
    guest_link: str = "guest0"

    @property
    def in_hub(self) -> tuple[str, ...]:
        """What stands before a command that runs there."""
        return ("ip", "netns", "exec", self.hub)

    @property
    def in_guest(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.guest)

    def plug(self, is_in: bool) -> None:
        """The guest's end of the cable."""
        _run("ip", "-n", self.guest, "link", "set", self.guest_link, "up" if is_in else "down")


@contextmanager
def two_networks() -> Iterator[Networks]:
    mark = f"{os.getpid()}-{next(_numbers)}"
    made = Networks(f"sallim-h{mark}", f"sallim-g{mark}")
    try:
        _run("ip", "netns", "add", made.hub)
        _run("ip", "netns", "add", made.guest)
        pair = ("type", "veth", "peer", "name", "hub0", "netns", made.hub)
        _run("ip", "-n", made.guest, "link", "add", made.guest_link, *pair)
        for name, link, address in (
            (made.hub, "hub0", made.hub_address),
            (made.guest, made.guest_link, made.guest_address),
        ):
            _run("ip", "-n", name, "address", "add", f"{address}/30", "dev", link)
            _run("ip", "-n", name, "link", "set", link, "up")
            _run("ip", "-n", name, "link", "set", "lo", "up")
        yield made
    finally:
        for name in (made.hub, made.guest):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=20)
