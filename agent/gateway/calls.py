"""Who may call what, at which price: from a request of HTTP to an errand, or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from agent.gateway.bodies import Body, Receive, Room, says_twice
from agent.gateway.cheaper import Cheaper
from agent.gateway.heads import Header, outgoing, query_without_key
from agent.gateway.refusing import Refused
from agent.gateway.relay import Aside, Errand, request_to
from agent.gateway.routes import Way, way_of
from agent.gateway.upstreams import Upstream
from data.tokens import LABEL_MAX, Holder
from sallim.guard import durations
from sallim.guard.asking import with_usage
from sallim.guard.attempts import Attempt
from sallim.guard.labels import Labels
from sallim.guard.metering import Meter
from sallim.guard.reading import Endpoint, Request, endpoint_of
from sallim.guard.refusing import LEDGER, Refusal
from sallim.guard.spending import FilePurse
from sallim.ledger.money_rows import PRIORITIES

QUICK_BYTES_MAX = 64_000
"""A longer body takes so long to be read that others would wait for it."""
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""TRACE would have a provider's answer repeat the key that was sent to it."""
ONCE = (b"content-type", b"content-encoding", b"content-length")
"""Headers that two readers of the same request could read differently."""


class NotPaid(Exception):
    """The guard says no: it is answered with 402, or 429 where it only has to wait."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Admission:
    """`quick` is asked first, without waiting; then `patient`, of that purse, on a thread."""

    upstreams: Mapping[str, Upstream]
    quick: Meter
    patient: Meter
    purse: FilePurse
    room: Room
    aside: Aside
    cheaper: Cheaper

    async def errand(
        self,
        scope: Mapping[str, Any],
        headers: Mapping[str, str],
        holder: Holder,
        body: Body,
        receive: Receive,
    ) -> Errand:
        """Raises Refused, NotPaid and CallerLeft; then nothing is reserved."""
        if scope["method"] not in METHODS:
            raise Refused(405, f"the gateway takes {', '.join(METHODS)}")
        way = way_of(scope["raw_path"], self.upstreams.keys(), headers)
        upstream = _usable(self.upstreams.get(way.upstream), way)
        labels = labels_of(holder, way, headers)
        head = Request(
            scope["method"], upstream.scheme, upstream.host, upstream.port, way.path, headers
        )
        endpoint = endpoint_of(upstream.provider, head)
        if isinstance(endpoint, Refusal):
            self.quick.note(endpoint, upstream.provider, way.path, labels)
            raise NotPaid(endpoint)
        names = [name for name, _ in scope["headers"] if name in ONCE]
        if len(set(names)) < len(names):
            raise Refused(400, "a header about the body came twice")
        content = await body.read(receive, headers.get("content-length", ""))
        query = query_without_key(scope["query_string"])
        told = outgoing(scope["headers"])
        if endpoint.flavour:
            return await self._paid(
                _Asked(upstream, way, head, endpoint, labels), content, query, told
            )
        tells = durations.tells(endpoint.provider, endpoint.path) and not is_media(query)
        request = request_to(upstream, scope["method"], _target(way, query), told, content)
        return Errand(upstream, request, None, asked=(endpoint.path, content) if tells else None)

    async def _paid(
        self, asked: "_Asked", content: bytes, query: bytes, told: list[Header]
    ) -> Errand:
        """Raises NotPaid."""
        upstream, way, head, endpoint, labels = asked
        step = await self.cheaper.step(way, content, labels.priority)
        if step is not None:
            way, content, head = step.way, step.content, head._replace(path=step.way.path)
            endpoint = _same(endpoint_of(upstream.provider, head))
        attempt, waits = await self._begun(endpoint, head, content, labels)
        changed = with_usage(attempt.call)
        content = content if changed.content is None else changed.content
        request = request_to(upstream, head.method, _target(way, query), told, content)
        also = () if step is None else (step.header,)
        return Errand(upstream, request, attempt, changed.hides, waits=waits, also=also)

    async def _begun(
        self, endpoint: Endpoint, head: Request, content: bytes, labels: Labels
    ) -> tuple[Attempt, bool]:
        """And whether its end may have to wait. Raises NotPaid."""
        told = (endpoint, head, content, labels)
        attempt = _begin(self.quick, *told) if len(content) <= QUICK_BYTES_MAX else None
        waits = attempt is None or (isinstance(attempt, Refusal) and attempt.code == LEDGER)
        if waits:
            attempt = await self.aside(_begin, self.patient, *told)
        elif self.purse.spooled:
            await self.aside(self.purse.replay)
        if not isinstance(attempt, Attempt):
            assert isinstance(attempt, Refusal)  # noqa: S101
            raise NotPaid(attempt)
        return attempt, waits


class _Asked(NamedTuple):
    """A call that costs something, and where it goes."""

    upstream: Upstream
    way: Way
    head: Request
    endpoint: Endpoint
    labels: Labels


def _same(endpoint: Endpoint | Refusal) -> Endpoint:
    """Raises NotPaid."""
    if isinstance(endpoint, Refusal):
        raise NotPaid(endpoint)
    return endpoint


def _target(way: Way, query: bytes) -> bytes:
    return way.target + (b"?" + query if query else b"")


def _begin(
    meter: Meter, endpoint: Endpoint, head: Request, content: bytes, labels: Labels
) -> Attempt | Refusal:
    if says_twice(content):
        raise Refused(400, "the body says something twice; send each name once")
    return meter.begin(endpoint, head, content, labels)


def is_media(query: bytes) -> bool:
    """Whether the answer is a file itself, in whatever spelling.

    >>> is_media(b"a=b&alt=%6dedia"), is_media(b"alt=json")
    (True, False)
    """
    return "alt=media" in unquote_plus(query.decode("latin-1")).lower()


def labels_of(holder: Holder, way: Way, headers: Mapping[str, str]) -> Labels:
    """The path names the workflow, else a header, else the token. Raises Refused.

    A call may be of a lower priority than its token, never of a higher one.
    """
    spending = holder.spending
    priority = headers.get("x-sallim-priority", spending.priority).strip().lower()
    if priority not in PRIORITIES:
        raise Refused(400, f"X-Sallim-Priority takes one of {', '.join(PRIORITIES)}")
    return Labels(
        workflow=way.workflow or _label(headers, "workflow") or spending.workflow,
        analysis=_label(headers, "analysis"),
        key=_label(headers, "key"),
        priority=at_most(priority, spending.priority),
        api_key_label=holder.name,
    )


def at_most(priority: str, most: str) -> str:
    """The lower one.

    >>> at_most("essential", "important"), at_most("optional", "important")
    ('important', 'optional')
    """
    return max(priority, most, key=PRIORITIES.index)


def _label(headers: Mapping[str, str], name: str) -> str:
    """Headers are read as latin-1; what was sent is UTF-8. Raises Refused."""
    text = headers.get(f"x-sallim-{name}", "").encode("latin-1").decode(errors="replace").strip()
    if len(text) > LABEL_MAX or not text.isprintable():
        raise Refused(
            400, f"X-Sallim-{name.title()} takes at most {LABEL_MAX} printable characters"
        )
    return text


def _usable(upstream: Upstream | None, way: Way) -> Upstream:
    if upstream is None:
        raise Refused(404, f"there is no upstream named {way.upstream}")
    if not upstream.ready:
        raise Refused(
            503,
            f"the gateway has no key for {upstream.name}: set {upstream.key_name} where it runs",
            (b"x-should-retry", b"false"),
        )
    return upstream
