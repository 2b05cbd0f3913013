"""install and uninstall."""

import getpass
import socket
from collections.abc import Mapping

from deploy.accounts import AGENT, APP, READERS, WRITERS, give, remove_accounts
from deploy.app import app_address
from deploy.files import remove
from deploy.journal import Phase, read_journal
from deploy.layout import LAID, InstallError, Layout
from deploy.release import build, name_of, prune_releases
from deploy.services import laid_units, remove_units
from deploy.setup import Setup, stop, switch
from deploy.upgrade import lay, start_or_say, upgrade


def install(setup: Setup, environ: Mapping[str, str]) -> None:
    """Bring the source to this machine as services that start with it; repeating it repairs.

    Over another release it is an upgrade. Raises InstallError.
    """
    old = setup.layout.current_release()
    if old is not None:
        switch(setup, old)
        setup.services.enable()
    if old not in {None, name_of(setup.source)} or setup.layout.journal.exists():
        setup.tell(f"Release {old} is installed here: this is an upgrade")
        upgrade(setup)
    else:
        _install_first(setup)
    setup.tell(greeting(setup, environ))


def _install_first(setup: Setup) -> None:
    release = build(setup.source, setup.layout, setup.venv, setup.tell)
    lay(setup, release)
    setup.services.enable()
    start_or_say(setup, release)


def greeting(setup: Setup, environ: Mapping[str, str]) -> str:
    if not setup.services.managed:
        return _by_hand(setup.layout)
    host, port = app_address(setup.layout.settings)
    user = environ.get("SUDO_USER") or getpass.getuser()
    return (
        f"Sallim runs: http://{host}:{port}\n"
        "From another machine, run\n"
        f"  ssh -N -L {port}:{host}:{port} {user}@{socket.gethostname()}\n"
        f"and open http://127.0.0.1:{port} there. The link that lets you in is printed by\n"
        f"  {_link(setup.layout)}\n"
        f"Settings: {setup.layout.settings}   Data: {setup.layout.home}\n"
        "Log: journalctl -u sallim-agent -u sallim-app"
    )


def _link(layout: Layout) -> str:
    return (
        f"cd {layout.current} && sudo env SALLIM_CONFIG={layout.settings} "
        f".venv/bin/python -m agent link --home {layout.home}"
    )


def _by_hand(layout: Layout) -> str:
    variables = f"SALLIM_HOME={layout.home} SALLIM_CONFIG={layout.settings}"
    python = f"{layout.current}/.venv/bin/python"
    return (
        "systemd does not run here, so nothing was started and nothing starts at boot. The files "
        "are in place.\n"
        "On a machine with systemd, run the same command there. Else start both by hand, "
        f"from {layout.current}:\n"
        f"  runuser -u {AGENT} -g {READERS} -G {WRITERS} -- "
        f"env {variables} SALLIM_WEB_GROUP={READERS} "
        f"{python} -m agent run\n"
        f"  runuser -u {APP} -G {READERS} -- env {variables} {python} -m deploy.app"
    )


def uninstall(setup: Setup, purge: bool) -> None:
    """Remove services, releases and accounts; data and settings only with `purge`.

    Accounts go last, so that what was cut off is done by running it again.
    """
    layout = setup.layout
    journal = read_journal(layout.journal)
    if journal is not None and journal.phase is Phase.RETURNING and not purge:
        raise InstallError(
            "An upgrade was cut off while its data were being put back. Run `make upgrade` to "
            "finish that, then uninstall; or uninstall with --purge to remove the data, too."
        )
    stop(setup)
    setup.tell("Removing the services")
    setup.services.disable(laid_units(layout))
    remove_units(layout)
    setup.services.read_units()
    setup.tell(f"Removing {layout.opt}")
    layout.journal.unlink(missing_ok=True)
    prune_releases(layout, keep=set())
    remove(layout.opt)
    if purge:
        _purge(setup)
    else:
        _keep(setup)
    if setup.accounts:
        remove_accounts(setup.tell)


def _purge(setup: Setup) -> None:
    layout = setup.layout
    changes = [layout.units / f"{unit}.d" for unit in LAID]
    for path in (layout.home, layout.backups, layout.settings_folder, *changes):
        if path.exists():
            setup.tell(f"Removing {path}")
            remove(path)


def _keep(setup: Setup) -> None:
    layout = setup.layout
    kept = [layout.home, layout.backups, layout.settings_folder]
    if setup.accounts:
        # The accounts go, and their numbers may be given to somebody else.
        for path in (layout.home, layout.settings_folder):
            if path.is_dir():
                give(path, 0, 0)
                path.chmod(0o700)
    there = [str(path) for path in kept if path.exists()]
    if there:
        setup.tell(f"Kept: {', '.join(there)} (a later install uses them; --purge removes them)")
