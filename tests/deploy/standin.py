"""A release small enough to start in no time: the real units, and programs that answer as ours do.

`behaviour` is what its agent does: well, degraded, dies (ends before it is ready), or hangs
(never ready). Each start adds a line to the store, as a migration would.
"""

import shutil
from pathlib import Path

REAL = Path(__file__).parents[2]

AGENT = r"""
import json, os, socket, sys, time
from pathlib import Path

folder = Path(__file__).parents[1]
behaviour = (folder / "BEHAVIOUR").read_text()
home = Path(os.environ["SALLIM_HOME"])
problem = {"template": "the source {name} is stale", "values": {"name": "host"}}
status, problems = ("degraded", [problem]) if behaviour == "degraded" else ("ok", [])
body = json.dumps({"status": status, "problems": problems, "version": folder.name})
answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

with (home / "ops.duckdb").open("a") as store:
    store.write(folder.name + "\n")
if behaviour == "dies":
    sys.exit(5)
if behaviour == "hangs":
    time.sleep(600)
(home / "agent.sock").unlink(missing_ok=True)
listener = socket.socket(socket.AF_UNIX)
listener.bind(str(home / "agent.sock"))
listener.listen()
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    manager.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
while True:
    caller, _ = listener.accept()
    try:
        caller.recv(4096)
        caller.sendall(answer)
    except OSError:
        pass
    caller.close()
"""

APP = r"""
import os, socket, tomllib
from pathlib import Path

port = tomllib.loads(Path(os.environ["SALLIM_CONFIG"]).read_text())["app"]["port"]
listener = socket.create_server(("127.0.0.1", port))
while True:
    caller, _ = listener.accept()
    caller.recv(4096)
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    caller.close()
"""


def make_source(folder, version, behaviour="well"):
    """A checkout without git, to install from."""
    (folder / "agent").mkdir(parents=True)
    (folder / "deploy").mkdir()
    (folder / "pyproject.toml").write_text(f'[project]\nname = "sallim"\nversion = "{version}"\n')
    (folder / "BEHAVIOUR").write_text(behaviour)
    (folder / "requirements.txt").write_text("")
    (folder / "agent/__init__.py").write_text("")
    (folder / "agent/__main__.py").write_text(AGENT)
    (folder / "deploy/__init__.py").write_text("")
    (folder / "deploy/app.py").write_text(APP)
    for unit in ("sallim-agent.service", "sallim-app.service"):
        shutil.copy(REAL / "deploy" / unit, folder / "deploy" / unit)
    return folder
