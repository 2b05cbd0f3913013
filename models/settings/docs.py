"""The table of settings and the example file, made from the settings themselves."""

from collections.abc import Iterator
from itertools import groupby

from models.settings.keys import Key, headed, is_list, keys
from models.settings.toml_lines import Path
from models.settings.values import choices_of, limits_of, number, unit_of, written

UNITS = {"seconds": "s", "hours": "h", "days": "d", "mb": "MB", "gb": "GB"}
TYPES: dict[object, str] = {bool: "true or false", int: "whole number", float: "number"}

HEAD = """\
# Settings

<!-- Generated from models/settings/__init__.py by `python -m agent.commands.settings_docs`. -->

Sallim runs without a settings file: every key has a default that works. To change some, copy
[`sallim.toml.example`](../sallim.toml.example) to `sallim.toml` and keep the lines you need.

The file is looked for in this order:

1. the path in the environment variable `SALLIM_CONFIG`, which a service has set to
   `/etc/sallim/sallim.toml`;
2. `sallim.toml` in the home, which is the folder that `SALLIM_HOME` or `--home` names;
3. `sallim.toml` beside this checkout.

`.venv/bin/python -m agent reload` checks the file and lets the running agent and gateway take it
over; `.venv/bin/python -m agent doctor` checks what it points at. A file with a mistake is refused
as a whole: each mistake is named with its line and a value that would work, and the last good
settings stay in force, after a restart too. `server`, `app`, `demo`, `machine.name`,
`store.batch_seconds`, `log`, the limits of the store and where the gateway listens are read at a
start only.

Secrets never stand in the file. Each has a name, for example `N8N_API_KEY`, and is looked for in
`$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`), then in the environment variable of that
name, then in the file that `N8N_API_KEY_FILE` names, which only its owner may read (mode 600).
"""

EXAMPLE_HEAD = """\
# Settings of Sallim. A line like "#key = value" shows a default: take the # away to change it.
# What each key means and takes stands in docs/settings.md too.
# Generated from models/settings/__init__.py by `python -m agent.commands.settings_docs`.
"""


def table() -> str:
    """The whole of `docs/settings.md`."""
    parts = [HEAD]
    for section, group in _by_section():
        parts.append(f"\n## {f'`{headed(section)}`' if section else 'Above the first section'}\n\n")
        if is_list(section):
            parts.append("May stand several times, each with a name of its own.\n\n")
        parts.append("| key | type | unit | default | limits | meaning |\n")
        parts.append("|---|---|---|---|---|---|\n")
        parts.extend(_row(key) for key in group)
    return "".join(parts)


def example() -> str:
    """The whole of `sallim.toml.example`: every key at its default, set by taking the `#` away."""
    parts = [EXAMPLE_HEAD]
    for section, group in _by_section():
        # An empty list is the default: to open one is a change, a section is none.
        mark = "#" if is_list(section) else ""
        parts.append(f"\n{mark}{headed(section)}\n" if section else "\n")
        for key in group:
            parts.append(f"# {key.field.description}{_takes_briefly(key)}\n")
            parts.append(f"#{key.path[-1]} = {written(key.field.default)}\n")
    return "".join(parts)


def _by_section() -> Iterator[tuple[Path, Iterator[Key]]]:
    return groupby(keys(), lambda key: key.path[:-1])


def _row(key: Key) -> str:
    field = key.field
    kind = "choice" if choices_of(field) else TYPES.get(field.annotation, "text")
    unit = UNITS.get(unit_of(key.path[-1], field), "")
    default = f"`{written(field.default)}`"
    cells = (f"`{key.name}`", kind, unit, default, _limits(key), field.description or "")
    return f"| {' | '.join(cells)} |\n"


def _limits(key: Key) -> str:
    limits = limits_of(key.field)
    if limits is not None:
        return f"{number(limits.least)} to {number(limits.most)}"
    extra = key.field.json_schema_extra
    if isinstance(extra, dict):
        return str(extra["limits"])
    return ", ".join(f"`{written(choice)}`" for choice in choices_of(key.field))


def _takes_briefly(key: Key) -> str:
    limits = _limits(key).replace("`", "")
    return f" ({limits})" if limits else ""
