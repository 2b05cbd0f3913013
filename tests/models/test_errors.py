"""The tree in the docstring of `models/errors.py` is the real tree."""

from models import errors
from models.messages import say


def tree(cls: type, depth: int = 0) -> list[str]:
    """Names below `cls` as they are defined in that file; other files may not add to it."""
    lines = ["    " * depth + cls.__name__]
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            lines += tree(child, depth + 1)
    return lines


def test_the_documented_tree_is_the_real_tree():
    assert errors.__doc__ is not None
    documented = errors.__doc__.strip().splitlines()[2:]

    assert tree(errors.SallimError) == documented


def test_every_exception_of_the_file_hangs_on_the_tree():
    defined = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]

    assert all(issubclass(cls, errors.SallimError) for cls in defined)


def test_every_exception_says_what_happened():
    for line in tree(errors.SallimError):
        assert getattr(errors, line.strip()).__doc__, line


def test_a_failing_source_keeps_its_reason_for_translation():
    failure = errors.SourceUnreachable("host", say("{path} cannot be read", path="/proc"))

    assert str(failure) == "host: /proc cannot be read"
    assert failure.source == "host"
    assert failure.reason.template == "{path} cannot be read"
