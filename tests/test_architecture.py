"""The rooms of the house and which doors are open between them.

Fails when a file looks into a room it may not enter, so that the picture in
docs/ARCHITECTURE.md cannot drift from the imports.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sallim.guard.loading import FLAVOURS, http_module

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "sallim": set(),
    "models": {"sallim"},
    "data": {"models", "sallim"},
    "agent": {"data", "models", "sallim"},
    "pages": {"data", "models", "sallim"},
    "app.py": {"pages", "data", "models", "sallim"},
}
OUTSIDE_WORLD = {
    *("asyncio", "duckdb", "httpx", "multiprocessing", "os", "psutil", "pynvml", "requests"),
    *("schedule", "shutil", "socket", "sqlite3", "starlette", "streamlit", "subprocess"),
    *("tempfile", "threading", "time", "urllib.request", "uvicorn"),
}
SQL = {"duckdb", "sqlite3"}
TOO_HEAVY_FOR_THE_AGENT = {
    *("numpy", "pandas", "plotly", "pyarrow", "scipy", "statsmodels", "streamlit"),
}
ONE_FILE_A_KIND = ("collectors", "bills", "providers", "balancers", "actions")
"""Packages of the agent whose parts do not know one another; only the wiring knows them."""
PAGE_LINES_MAX = 100


def python_files(room: str) -> list[Path]:
    path = ROOT / room
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """What the rules are about; each file is read once for all of them."""
    wanted = (ast.Import, ast.ImportFrom, ast.Call, ast.ClassDef)
    return tuple(node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, wanted))


@cache
def imported_modules(path: Path) -> set[str]:
    """Dotted names, also of imports within functions."""
    modules = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; give the full name"
            modules.add(node.module)
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def imported_roots(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported_modules(path)}


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and last two parts of the name of each call."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield node.lineno, ".".join(ast.unparse(node.func).split(".")[-2:])


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_opens_only_its_own_doors(room):
    rooms = {name.removesuffix(".py") for name in MAY_IMPORT} - {room.removesuffix(".py")}
    files = python_files(room)

    assert files
    for path in files:
        through_wall = imported_roots(path) & rooms - MAY_IMPORT[room]
        assert not through_wall, f"{path.relative_to(ROOT)} must not import {through_wall}"


def test_models_never_touch_the_outside_world():
    for path in python_files("models"):
        outside = (imported_roots(path) | imported_modules(path)) & OUTSIDE_WORLD
        assert not outside, f"{path.relative_to(ROOT)} must not import {outside}"


@pytest.mark.parametrize("room", ["models", "data"])
def test_below_the_shell_the_clock_is_a_parameter(room):
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    for path in python_files(room):
        for line, name in calls(path):
            assert name not in clocks, f"{path.relative_to(ROOT)}:{line} asks {name}"


def test_models_open_no_file():
    opening = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
    for path in python_files("models"):
        for line, name in calls(path):
            last = name.rpartition(".")[2]
            assert last not in opening, f"{path.relative_to(ROOT)}:{line} calls {name}"


def test_sallim_needs_nothing_but_the_standard_library():
    for path in python_files("sallim"):
        extra = imported_roots(path) - sys.stdlib_module_names - {"sallim"}
        assert not extra, f"{path.relative_to(ROOT)} must not import {extra}"


def test_sallim_loads_by_name_only_itself_and_the_two_http_clients_of_the_guard():
    """Imports that the test above cannot see. One function asks for what a program has."""
    door = ROOT / "sallim" / "guard" / "loading.py"
    by_name = {"import_module", "__import__", "find_spec", "exec_module"}
    for path in python_files("sallim"):
        for node in nodes(path):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in by_name and path != door:
                wanted = ast.unparse(node.args[0]).strip("f'\"")
                assert wanted.startswith("sallim."), f"{path.relative_to(ROOT)} loads {wanted}"

    assert sorted(FLAVOURS) == ["httpx", "httpx2"]
    with pytest.raises(ValueError, match="requests"):
        http_module("requests")


@pytest.mark.parametrize("room", ["app.py", "pages", "agent", "models"])
def test_sql_lives_in_data(room):
    for path in python_files(room):
        assert not imported_roots(path) & SQL, path.relative_to(ROOT)


def test_the_agent_stays_small():
    for path in python_files("agent"):
        heavy = imported_roots(path) & TOO_HEAVY_FOR_THE_AGENT
        assert not heavy, f"{path.relative_to(ROOT)} must not import {heavy}"


def test_only_the_forecasts_import_statsmodels():
    loading = {
        path
        for room in MAY_IMPORT
        for path in python_files(room)
        if imported_roots(path) & {"statsmodels", "scipy"}
    }

    assert {path.parent for path in loading} <= {ROOT / "models" / "forecasts"}, loading


def test_only_the_worker_of_the_outbox_loads_apprise():
    worker = {ROOT / "agent" / "outbox" / f"{name}.py" for name in ("channels", "hook", "solapi")}
    loading = {
        path for path in python_files("agent") if imported_roots(path) & {"apprise", "requests"}
    }
    knowing = {
        path
        for path in python_files("agent")
        if imported_modules(path) & {"agent.outbox.channels", "agent.outbox.solapi"}
    }

    assert loading == worker
    assert knowing - worker == {ROOT / "agent" / "outbox" / "worker.py"}


@pytest.mark.parametrize("kind", ONE_FILE_A_KIND)
def test_parts_of_a_kind_do_not_know_one_another(kind):
    package = f"agent.{kind}"
    for path in python_files(f"agent/{kind}"):
        own = path.relative_to(ROOT / "agent" / kind).parts[0].removesuffix(".py")
        siblings = {
            module.split(".")[2]
            for module in imported_modules(path)
            if module.startswith(f"{package}.")
        }
        assert siblings <= {own}, f"{path.relative_to(ROOT)} must not know {siblings - {own}}"


def test_a_page_has_no_value_that_streamlit_would_write_by_itself():
    """Of a script that it runs it shows each bare value but those of calls, None too."""
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]:
        tree = ast.parse(path.read_text())
        bare = [each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)]
        strange = [each for each in bare if not isinstance(each, ast.Call | ast.Constant)]
        assert not strange, (path.relative_to(ROOT), strange[0].lineno)


def test_a_page_fits_on_two_screens_and_defines_nothing_to_test():
    for path in sorted((ROOT / "pages").glob("*.py")):
        assert len(path.read_text().splitlines()) <= PAGE_LINES_MAX, path.relative_to(ROOT)
        classes = [node for node in nodes(path) if isinstance(node, ast.ClassDef)]
        assert not classes, path.relative_to(ROOT)
