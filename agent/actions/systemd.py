"""Units of systemd, by systemctl. What it may do is polkit's to say, see docs/limits.md."""

from collections.abc import Sequence

from agent.programs import Done, run_program
from models.errors import ActionRefused, ActionUnconfirmed
from models.messages import say
from models.settings.service import Service

SYSTEMCTL = "/usr/bin/systemctl"
TIMEOUT_SECONDS_MIN = 90.0
"""What systemd itself gives a unit to stop, before it kills it."""
SHOW_SECONDS = 10.0
SHOWN = ("ActiveState", "LoadState", "Result")


class Systemd:
    kind = "systemd"
    repeats_safely = True

    def __init__(self, systemctl: Sequence[str] = (SYSTEMCTL,)) -> None:
        self._systemctl = systemctl

    def stop(self, service: Service) -> None:
        self._change("stop", service)

    def start(self, service: Service) -> None:
        if self._state(service).get("Result") == "start-limit-hit":
            self._change("reset-failed", service)
        self._change("start", service)

    def is_up(self, service: Service) -> bool | None:
        state = self._state(service)
        if state.get("LoadState") in ("not-found", "bad-setting", "error", "masked"):
            raise ActionRefused(
                say(
                    "{unit} is {state} for systemd; check `target` of [[service]] {name}, and "
                    "`systemctl status {unit}`",
                    unit=service.subject,
                    state=state["LoadState"],
                    name=service.name,
                )
            )
        return {"active": True, "inactive": False, "failed": False}.get(
            state.get("ActiveState", "")
        )

    def _state(self, service: Service) -> dict[str, str]:
        done = self._ask(["show", "-p", ",".join(SHOWN), "--", service.subject], SHOW_SECONDS)
        if done.code != 0:
            raise _failed("show", service, done)
        pairs = (line.partition("=") for line in done.output.splitlines())
        return {key: value.strip() for key, _, value in pairs}

    def _change(self, verb: str, service: Service) -> None:
        timeout_seconds = max(service.timeout_seconds, TIMEOUT_SECONDS_MIN)
        done = self._ask(["--no-ask-password", verb, "--", service.subject], timeout_seconds)
        if done.code != 0:
            raise _failed(verb, service, done)

    def _ask(self, words: list[str], timeout_seconds: float) -> Done:
        try:
            return run_program([*self._systemctl, *words], timeout_seconds)
        except OSError as error:
            raise ActionRefused(
                say(
                    '{path} cannot be started ({reason}); kind = "systemd" needs a machine that '
                    "systemd runs",
                    path=self._systemctl[0],
                    reason=error.strerror or type(error).__name__,
                )
            ) from error


def _failed(verb: str, service: Service, done: Done) -> ActionRefused | ActionUnconfirmed:
    values = {"verb": verb, "unit": service.subject, "said": done.said}
    if done.code is None:
        return ActionUnconfirmed(
            say(
                "`systemctl {verb} {unit}` did not end in time ({said}); systemd goes on with it: "
                "look at `systemctl status {unit}`",
                **values,
            )
        )
    if "authentication" in done.output.lower() or "access denied" in done.output.lower():
        return ActionRefused(
            say(
                "systemd does not let this user {verb} {unit} ({said}); allow it with the polkit "
                "rule in docs/limits.md",
                **values,
            )
        )
    return ActionRefused(
        say("`systemctl {verb} {unit}` failed ({said}); look at `journalctl -u {unit}`", **values)
    )
