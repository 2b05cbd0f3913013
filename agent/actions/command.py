"""Commands of the owner's: whatever has no kind of its own, such as a machine in a cloud.

The words stand in the settings file and nowhere else; a page can pick a service, never type one.
"""

from agent.programs import Done, run_program
from models.errors import ActionError, ActionRefused, ActionUnconfirmed
from models.messages import say
from models.settings.service import Service

UP, DOWN = (0,), (1, 3)
"""What `check` ends with; 3 is what init scripts say of what does not run."""


class Command:
    kind = "command"
    repeats_safely = False
    """Twice "rent a machine" is two machines: after a crash, its whole time is waited first."""

    def stop(self, service: Service) -> None:
        self._change("stop", service.stop, service)

    def start(self, service: Service) -> None:
        self._change("start", service.start, service)

    def is_up(self, service: Service) -> bool | None:
        done = self._run("check", service.check, service)
        if done.code in UP or done.code in DOWN:
            return done.code in UP
        raise _failed("check", service, done)

    def _change(self, verb: str, argv: tuple[str, ...], service: Service) -> None:
        done = self._run(verb, argv, service)
        if done.code != 0:
            raise _failed(verb, service, done)

    def _run(self, verb: str, argv: tuple[str, ...], service: Service) -> Done:
        try:
            return run_program(_filled(argv, verb, service.name), service.timeout_seconds)
        except OSError as error:
            raise _no_start(verb, argv[0], service, error.strerror or "unknown") from error


def _filled(argv: tuple[str, ...], verb: str, name: str) -> list[str]:
    """The program's own path is never filled in."""
    rest = (word.replace("{name}", name).replace("{verb}", verb) for word in argv[1:])
    return [argv[0], *rest]


def _no_start(verb: str, path: str, service: Service, reason: str) -> ActionError:
    return ActionRefused(
        say(
            "{name}: {path} cannot be started ({reason}); check `{verb}` of its [[service]], and "
            "who may execute the file",
            name=service.name,
            path=path,
            verb=verb,
            reason=reason,
        )
    )


def _failed(verb: str, service: Service, done: Done) -> ActionError:
    values: dict[str, str | int | float] = {
        "name": service.name,
        "verb": verb,
        "said": done.said,
    }
    if done.code is None:
        return ActionUnconfirmed(
            say(
                "{name}: its command `{verb}` did not end within {seconds} s and was killed "
                "({said}); see what it has done, or raise timeout_seconds",
                seconds=f"{service.timeout_seconds:g}",
                **values,
            )
        )
    if done.code in (126, 127):
        return _no_start(verb, getattr(service, verb)[0], service, done.said)
    return ActionRefused(
        say(
            "{name}: its command `{verb}` ended with {code} ({said}); run it by hand to see why",
            code=done.code,
            **values,
        )
    )
