"""Checks of `[notify]`: each channel's secret and address, the bot, the watcher elsewhere."""

from collections.abc import Iterator, Mapping

from agent.checks import Finding, absent, ok, problem
from agent.outbox.asking import known_channels
from agent.outbox.setup import Setup, setup_of
from agent.telegram.bot import Bot, BotError
from data.credentials import secret
from models.alerts import Severity
from models.errors import ConfigError
from models.messages import say
from models.settings import Settings
from models.typed import typed


def channels(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Nothing is sent by it."""
    if settings.demo:
        return []
    setup = setup_of(settings, environ)
    return [*_channels(settings, setup), *_dead_man(settings, environ), *_bot(settings, environ)]


def _channels(settings: Settings, setup: Setup) -> Iterator[Finding]:
    if not settings.notify.channel:
        text = say("none is set up, so nobody is told anything; docs/messages.md says how")
        yield absent("channel", text)
        return
    yield from (problem("channel", text) for text in setup.problems)
    known = known_channels(setup) if setup.addresses else set()
    for name in setup.addresses:
        if name in known:
            text = say("its address makes sense; `{command}` sends", command=_test(name))
            yield ok(f"channel {name}", text)
        else:
            text = say(
                "the address that its url names makes no sense; it looks like {example}",
                example="slack://TokenA/TokenB/TokenC",
            )
            yield problem(f"channel {name}", text)
    if len(setup.rules.chain(Severity.CRITICAL)) == 1:
        yield absent("failover", say("there is one channel for what is critical, and no second"))


def _test(name: str) -> str:
    return typed(f"notify test {name}")


def _dead_man(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    name = settings.notify.dead_man_url
    if not name:
        text = say("nobody elsewhere notices when this machine is gone; set notify.dead_man_url")
        yield absent("dead-man ping", text)
        return
    try:
        secret(name, environ)
    except ConfigError as error:
        yield problem("dead-man ping", error.problems[0])
        return
    yield ok("dead-man ping", say("its address is known"))


def _bot(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    telegram = settings.notify.telegram
    if not telegram.token:
        return
    try:
        name = Bot(telegram.api_url, secret(telegram.token, environ)).name()
    except ConfigError as error:
        yield problem("telegram", error.problems[0])
    except BotError as error:
        yield problem("telegram", error.reason)
    else:
        if telegram.chats:
            yield ok("telegram", say("{name} takes commands", name=f"@{name}"))
        else:
            text = say(
                "{name} may be commanded from no chat; put the id of yours into "
                "notify.telegram.chats, for example chats = [123456789]",
                name=f"@{name}",
            )
            yield problem("telegram", text)
