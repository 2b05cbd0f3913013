"""Whatever stands in an answer, it ends as one of the errors that are named."""

import http.client
import socket
from contextlib import closing, suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.net.deadline import Deadline
from agent.net.exchange import CutOffError, TooLongError, ask
from models.addresses import target_of

TARGET = target_of("http://127.0.0.1/")
NAMED = (OSError, http.client.HTTPException, CutOffError, TooLongError)
HOSTILE = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.0 999 \r\n",
    b"HTTP/2 200\r\n",
    b"Content-Length: -5\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: \xc2\xb2\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"5\r\nabcde\r\n",
    b"-1\r\n",
    b"zz\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffffff\r\n",
    b": no name\r\n",
    b" goes on\r\n",
    b"A" * 70_000,
    b"X: \xff\xfe\r\n",
    b"\x00",
]


def answered(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
        theirs.settimeout(1)
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        answer = ask(ours, TARGET, {}, Deadline(5))
        answer.body(1000)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE), max_size=6), st.binary(max_size=50))
def test_an_answer_is_read_or_fails_by_name(parts, rest):
    with suppress(NAMED):
        answered(b"HTTP/1.1 200 OK\r\n" + b"".join(parts) + rest)


def test_the_request_is_one_line_and_its_headers():
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        theirs.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        ask(ours, target_of("http://example.com:8080/a b"), {"Accept": "*/*"}, Deadline(5))
        sent = theirs.recv(1000)

    assert sent == b"GET /a%20b HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\n\r\n"
