"""Channels as Apprise knows them, made from their addresses. Only the worker loads this."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType, OverflowMode
from apprise.conversion import convert_between
from apprise.manager_plugins import NotificationManager
from apprise.plugins.base import NotifyBase

from agent.outbox.hook import Heard, install, listening
from agent.outbox.solapi import NotifySolapi
from models.alerts import Severity
from models.alerts.trying import Cause, Outcome
from models.alerts.words import Text

CONNECT_SECONDS = 8.0
READ_SECONDS = 15.0
TYPES = {
    Severity.INFO: NotifyType.INFO,
    Severity.WARN: NotifyType.WARNING,
    Severity.CRITICAL: NotifyType.FAILURE,
}
MARKDOWN = frozenset({"Discord", "Mattermost", "Revolt", "Zulip", "Guilded", "Cisco Webex Teams"})
"""They read Markdown in whatever they are sent; for the others Apprise escapes what is needed."""
SIGNS = re.compile(r"([\\`*_~|<>\[\]()#])")


@dataclass(frozen=True, slots=True)
class Channel:
    """`escape` makes a value harmless, beyond what every text needs."""

    send: Callable[[Text, Severity], Outcome]
    escape: Callable[[str], str]


def channels_of(addresses: Mapping[str, str]) -> dict[str, Channel]:
    """By name; what Apprise does not understand is left out, which is said at each message."""
    install()
    plugins = NotificationManager()
    if "solapi" not in plugins:
        plugins.add(NotifySolapi)
    # No pictures from elsewhere, no files: this process may write nothing.
    asset = AppriseAsset(
        app_id="Sallim",
        app_desc="Sallim",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
    )
    found = {}
    for name, address in addresses.items():
        plugin = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        if isinstance(plugin, NotifyBase):
            found[name] = _channel(plugin)
    return found


def _channel(plugin: NotifyBase) -> Channel:
    plugin.socket_connect_timeout = CONNECT_SECONDS
    plugin.socket_read_timeout = READ_SECONDS
    plugin.overflow_mode = OverflowMode.TRUNCATE
    # The outbox keeps the pace; a pause of seconds here would only hold up what is critical.
    plugin.request_rate_per_sec = 0
    plugin.retry = 0

    # No title is ever escaped: where a service takes no plain text, it stands in the body.
    taken = plugin.resolve_format(NotifyFormat.TEXT)
    is_plain = taken == NotifyFormat.TEXT

    def send(text: Text, severity: Severity) -> Outcome:
        # What has no body is refused, whatever its title.
        has_title = is_plain and bool(text.body)
        lines = [text.body] if has_title else [text.title, text.body]
        with listening() as heard:
            # The plugin itself: Apprise would send on a thread that nothing is heard of.
            is_sent = plugin.notify(
                title=text.title if has_title else "",
                body=convert_between(NotifyFormat.TEXT, taken, "\n".join(filter(None, lines))),
                notify_type=TYPES[severity],
                body_format=taken,
            )
        return Outcome(is_sent=True) if is_sent else failure_of(heard)

    return Channel(send, _escaped if plugin.service_name in MARKDOWN else str)


def failure_of(heard: Heard) -> Outcome:
    """What is known of it; what is not, is taken for a passing fault."""
    if heard.is_network:
        return Outcome(False, Cause.NETWORK)
    if heard.mail_status:
        return Outcome(False, Cause.MAIL, heard.mail_status)
    if heard.status:
        return Outcome(False, Cause.STATUS, heard.status, heard.retry_after_seconds)
    return Outcome(False)


def _escaped(value: str) -> str:
    return SIGNS.sub(r"\\\1", value)
