"""The tree of settings as lists: what is known, by its dotted name."""

from collections.abc import Iterator
from typing import NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from models.settings import Settings
from models.settings.section import Section
from models.settings.toml_lines import Path


class Key(NamedTuple):
    """One setting; `path` ends with its name, before it stand its sections."""

    path: Path
    field: FieldInfo

    @property
    def name(self) -> str:
        return ".".join(self.path)


def is_list(path: Path) -> bool:
    """Whether a section may stand in the file several times, as [[postgres]]."""
    section = section_at(path[:-1])
    field = section.model_fields.get(path[-1]) if section and path else None
    return field is not None and get_origin(field.annotation) is tuple and bool(_section_of(field))


def headed(path: Path) -> str:
    """The line that opens a section.

    >>> headed(("store",)), headed(("postgres",))
    ('[store]', '[[postgres]]')
    """
    name = ".".join(path)
    return f"[[{name}]]" if is_list(path) else f"[{name}]"


def section_at(path: Path) -> type[Section] | None:
    """The section of a path, None where there is none.

    >>> section_at(("collectors", "gpu")).__name__
    'Gpu'
    """
    section: type[Section] | None = Settings
    for name in path:
        field = section.model_fields.get(name) if section else None
        section = _section_of(field) if field else None
    return section


def field_at(path: Path) -> FieldInfo | None:
    """The setting of a path, None where there is none or a section."""
    section = section_at(path[:-1])
    field = section.model_fields.get(path[-1]) if section and path else None
    return None if field is None or _section_of(field) else field


def keys() -> Iterator[Key]:
    """Every setting, as a file writes them: those of no section first, then section by section."""
    for path in [(), *sections()]:
        section = section_at(path) or Section
        for name, field in section.model_fields.items():
            if _section_of(field) is None:
                yield Key((*path, name), field)


def sections(path: Path = ()) -> Iterator[Path]:
    """The path of every section, outer before inner."""
    section = section_at(path) or Section
    for name, field in section.model_fields.items():
        if _section_of(field) is not None:
            yield (*path, name)
            yield from sections((*path, name))


def _section_of(field: FieldInfo) -> type[Section] | None:
    kind = field.annotation
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None
