"""upgrade and rollback: a new release beside the old one, and the way back.

The journal is written before each step that a power cut may leave half done; running the same
command again reads it and finishes what was begun.
"""

from dataclasses import replace

from deploy.accounts import hand_over
from deploy.backup import Backup, backups_of, check_room, make_backup, prune_backups, put_back
from deploy.health import DEGRADED, WELL, Verdict, await_health
from deploy.journal import Journal, Phase, close_journal, read_journal, write_journal
from deploy.layout import InstallError
from deploy.release import build, is_complete, prune_releases
from deploy.setup import LOG, Setup, prepare, start, stop, switch


def upgrade(setup: Setup) -> None:
    """Replace the release that runs by that of the source, with its data kept.

    Raises InstallError when the new one is not well; then the old one runs again, as it was.
    """
    journal = finish_what_was_cut_off(setup)
    old = setup.layout.current_release()
    if old is None:
        raise InstallError("Nothing is installed here yet. Run `make install` first.")
    new = build(setup.source, setup.layout, setup.venv, setup.tell)
    if journal is not None and journal.phase is Phase.SWITCHED:
        _try(setup, replace(journal, new=new))
    elif new == old:
        lay(setup, new)
        start_or_say(setup, new)
        close_journal(setup.layout.journal)
    else:
        well = _is_well(setup) if journal is None else journal.well
        _try(setup, _copy(setup, Journal(Phase.COPYING, old, new, setup.stamp(), well)))


def lay(setup: Setup, release: str) -> None:
    prepare(setup)
    switch(setup, release)


def start_or_say(setup: Setup, release: str) -> None:
    """Raises InstallError when the release does not become well."""
    verdict = start(setup, release, {WELL, DEGRADED})
    if not verdict.well:
        raise InstallError(
            f"Release {release} is in place, and it is not well: {verdict.account}\n"
            f"The service manager goes on trying. The log: {LOG}"
        )


def finish_what_was_cut_off(setup: Setup) -> Journal | None:
    """Close the journal of an earlier run where that needs no new release; else return it.

    Raises InstallError when that upgrade had failed already, and has now been turned back.
    """
    journal = read_journal(setup.layout.journal)
    if journal is None:
        return None
    setup.tell(f"An upgrade from {journal.old} to {journal.new} was cut off ({journal.phase})")
    if journal.phase is Phase.RETURNING:
        _turn_back(setup, journal, "it was not well, and the way back was cut off")
    if journal.phase is Phase.COPYING or setup.layout.current_release() == journal.old:
        # The new release never ran, and the old one may have written since: it is copied anew.
        setup.services.start(setup.services.enabled())
        return replace(journal, phase=Phase.COPYING)
    if _runs_well(setup, journal.new):
        setup.tell(f"Release {journal.new} runs well: that upgrade is done")
        close_journal(setup.layout.journal)
        return None
    return journal


def _runs_well(setup: Setup, release: str) -> bool:
    return setup.layout.current_release() == release and _is_well(setup)


def _is_well(setup: Setup) -> bool:
    """Whether what runs now is well; it is given a moment, as it may just have been started."""
    if not setup.services.managed:
        return False
    moment = replace(setup.patience, seconds=setup.patience.before_seconds, settled_seconds=0)
    return await_health(setup.layout, setup.services.enabled(), {WELL}, moment).well


def _copy(setup: Setup, journal: Journal) -> Journal:
    """Stop, and copy home; if that fails, what ran before runs again."""
    layout = setup.layout
    check_room(layout)
    write_journal(layout.journal, journal)
    try:
        stop(setup)
        setup.tell(f"Copying {layout.home} to {layout.backups / journal.backup}")
        make_backup(layout, journal.backup, journal.old)
    except BaseException:
        setup.services.start(setup.services.enabled())
        close_journal(layout.journal)
        raise
    return journal


def _try(setup: Setup, journal: Journal) -> None:
    """Switch, start, look; turn back when it is not well."""
    layout = setup.layout
    if journal.phase is Phase.SWITCHED:  # It was cut off, and something may run.
        stop(setup)
    write_journal(layout.journal, replace(journal, phase=Phase.SWITCHED))
    lay(setup, journal.new)
    # No worse than before: a source that was down already is not the new release's fault.
    verdict = start(setup, journal.new, {WELL} if journal.well else {WELL, DEGRADED})
    if not verdict.well:
        setup.tell(f"Release {journal.new} is not well: {verdict.account}")
        _turn_back(setup, journal, verdict.account)
    close_journal(layout.journal)
    setup.tell(f"The data as they were before are kept in {layout.backups / journal.backup}")
    prune_releases(layout, {journal.old, journal.new})
    prune_backups(layout)


def _turn_back(setup: Setup, journal: Journal, reason: str) -> None:
    """Put the old release and its data back. Always raises InstallError with the account."""
    verdict, aside = _go_back(setup, journal)
    after = "runs again" if verdict.well else f"is back, and is not well: {verdict.account}"
    raise InstallError(
        f"The upgrade to {journal.new} failed: {reason}\n"
        f"Release {journal.old} {after}\n"
        f"Its data are as they were before the upgrade; what the new release wrote is kept "
        f"in {aside}.\n"
        f"The release that failed is in {setup.layout.release(journal.new)}. The log: {LOG}"
    )


def _go_back(setup: Setup, journal: Journal) -> tuple[Verdict, str]:
    """Data first, then the release: cut off between them, the newer release can still start."""
    layout = setup.layout
    write_journal(layout.journal, replace(journal, phase=Phase.RETURNING))
    stop(setup)
    setup.tell(f"Putting {layout.home} back as it was at {journal.backup}")
    backup = Backup(layout.backups / journal.backup, journal.old)
    aside = put_back(layout, backup, setup.stamp())
    if setup.accounts:
        hand_over(layout, again=True)
    switch(setup, journal.old)
    verdict = start(setup, journal.old, {WELL, DEGRADED})
    close_journal(layout.journal)
    prune_backups(layout)
    return verdict, str(aside)


def rollback(setup: Setup) -> None:
    """Go back to the release before the last upgrade, with the data of before it.

    Raises InstallError when there is none, or when it is not well.
    """
    journal = _journal_of_rollback(setup)
    verdict, aside = _go_back(setup, journal)
    if not verdict.well:
        raise InstallError(f"Release {journal.old} is not well: {verdict.account}\nThe log: {LOG}")
    setup.tell(f"What was written since {journal.backup} is kept in {aside}")


def _journal_of_rollback(setup: Setup) -> Journal:
    layout = setup.layout
    current = layout.current_release()
    journal = read_journal(layout.journal)
    if journal is not None and journal.phase is not Phase.COPYING:
        return journal
    earlier = [b for b in backups_of(layout) if b.release != current]
    if current is None or not earlier or not is_complete(layout, earlier[-1].release):
        raise InstallError(
            f"{layout.backups} has no copy that belongs to an earlier release that is still in "
            f"{layout.releases}. "
            "Check out the version you want and run `make upgrade`."
        )
    return Journal(
        Phase.RETURNING, earlier[-1].release, current, earlier[-1].folder.name, well=True
    )
