"""Those who connect and say nothing: they may not keep the others out."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.server import ServerState

from agent.patience import PatientProtocol

pytestmark = pytest.mark.slow

QUESTION = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def in_a_loop_of_its_own(coroutine):
    """On a thread of its own: the browser tests of the same worker leave a loop running here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Hasty(PatientProtocol):
    look_seconds = 0.05
    connections_max = 3


async def answer_after_some_looks(_):
    await asyncio.sleep(4 * Hasty.look_seconds)
    return PlainTextResponse("here it is")


async def wait_for_the_body(request):
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(
    routes=[
        Route("/", answer_after_some_looks),
        Route("/body", wait_for_the_body, methods=["POST"]),
    ]
)


@contextlib.asynccontextmanager
async def served():
    """A port behind which the hasty protocol sits."""
    config = uvicorn.Config(APP, lifespan="off", ws="none", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: Hasty(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


async def told(port: int, words: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def test_half_a_request_is_not_waited_for():
    async def run():
        async with served() as port:
            return await told(port, b"GET / HTTP/1.1\r\nHost: a\r\n")

    assert in_a_loop_of_its_own(run()) == b""


def test_a_body_that_does_not_come_is_not_waited_for_for_ever():
    async def run():
        async with served() as port:
            return await told(port, b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")

    assert in_a_loop_of_its_own(run()) == b""


def test_an_answer_that_takes_longer_than_a_look_is_given():
    async def run():
        async with served() as port:
            return await told(port, QUESTION)

    assert in_a_loop_of_its_own(run()).endswith(b"here it is")


def test_a_connection_too_many_is_closed_and_leaves_the_others_alone():
    async def run():
        async with served() as port:
            return await asyncio.gather(*(told(port, QUESTION) for _ in range(5)))

    answers = in_a_loop_of_its_own(run())

    assert sorted(answer.endswith(b"here it is") for answer in answers) == [0, 0, 1, 1, 1]
