"""What the gateway answers: /health, guards on other machines, and all that goes to a provider."""

import asyncio
import functools
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from agent.gateway.bodies import Body, CallerLeft, Receive
from agent.gateway.calls import Admission, NotPaid
from agent.gateway.heads import key_in_query
from agent.gateway.holders import Holders, token_in
from agent.gateway.refusing import HEADERS, Refused
from agent.gateway.relay import Cut, Errand, Relay, Send, say_no, send_whole
from agent.gateway.remote import PREFIX, Remote
from agent.gateway.uploads import PREFIX as UPLOAD_PREFIX
from agent.gateway.uploads import Uploads

log = logging.getLogger(__name__)

Scope = Mapping[str, Any]
DRAINED_SECONDS, DRAINED_BYTES = 5.0, 400_000_000
"""A caller that is told 413 while it sends reads the answer only when it has sent all."""


class GatewayApp:
    """An application of ASGI. `is_well` says why nothing can be spent, "" if it can."""

    def __init__(
        self,
        holders: Holders,
        admission: Admission,
        relay: Relay,
        remote: Remote,
        is_well: Callable[[], str],
    ) -> None:
        self._holders = holders
        self._admission = admission
        self._relay = relay
        self._remote = remote
        self._is_well = is_well
        self._uploads = Uploads()

    def take_over(self, admission: Admission, relay: Relay) -> None:
        """What is on its way goes on as it began."""
        self._admission, self._relay = admission, relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except Refused as refused:
            if refused.status == 413:
                await _drain(receive)
            with suppress(TimeoutError):
                await say_no(send, refused)
        except NotPaid as no:
            headers = [(name.encode(), value.encode()) for name, value in no.refusal.headers()]
            await send_whole(send, no.refusal.status, headers, no.refusal.body())
        except CallerLeft:
            pass
        except (Cut, TimeoutError):
            # An answer that is not whole must not look like one.
            scope["state"]["abort"]()
            await _left(receive)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/health":
            await self._health(send)
            return
        headers = _headers(scope)
        if scope["path"].startswith(UPLOAD_PREFIX):
            upload = self._uploads.find(scope["path"])
            scope = {**scope, "raw_path": upload.path, "query_string": upload.query, "path": ""}
            token = upload.token
        else:
            token = token_in(headers, key_in_query(scope["query_string"]))
        holder = self._holders.remembered(token)
        if holder is None:
            holder = await self._admission.aside(self._holders.find, token)
        with Body(self._admission.room) as body:
            if scope["path"].startswith(PREFIX):
                self._remote.wait(holder)
                shape = await self._remote.shape(body, receive, headers.get("content-length", ""))
                told = await self._admission.aside(
                    self._remote.answer, scope["method"], scope["path"], holder, shape
                )
                await send_whole(send, 200, HEADERS, json.dumps(told).encode())
                return
            errand = await self._admission.errand(scope, headers, holder, body, receive)
            if errand.attempt is None:
                told = {"upstream": errand.upstream, "token": token, "base": _base(scope, headers)}
                own_address = functools.partial(self._uploads.own_address, **told)
                errand = replace(errand, own_address=own_address)
            await self._carry(errand, receive, send)

    async def _carry(self, errand: Errand, receive: Receive, send: Send) -> None:
        """Until it is answered, or its caller has left: then its provider is left as well."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        state = {"over": False, "left": False}

        async def out(message: Any) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                state["over"] = True
            await send(message)

        def leave(_: object) -> None:
            if not state["over"]:
                state["left"] = True
                task.cancel()

        watcher = asyncio.ensure_future(_left(receive))
        watcher.add_done_callback(leave)
        try:
            await self._relay.carry(errand, out)
        except asyncio.CancelledError:
            if not state["left"]:
                raise
            task.uncancel()
        finally:
            state["over"] = True
            watcher.cancel()

    async def _health(self, send: Send) -> None:
        """For everybody who can connect, so it says little."""
        trouble = await self._admission.aside(self._is_well)
        told = {"status": "ledger_unavailable" if trouble else "ok"}
        await send_whole(send, 503 if trouble else 200, HEADERS, json.dumps(told).encode())


def _headers(scope: Scope) -> dict[str, str]:
    """What came several times is one list, as RFC 9110 (5.3) has it: the last is not all."""
    told: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        told[name] = f"{told[name]},{text}" if name in told else text
    return told


def _base(scope: Scope, headers: Mapping[str, str]) -> str:
    """Where the caller finds the gateway: it has just found it there."""
    host, port = scope["server"]
    return f"{scope['scheme']}://{headers.get('host') or f'{host}:{port}'}"


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drain(receive: Receive) -> None:
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_SECONDS):
            while size < DRAINED_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
