"""The part of the gateway that remote guards ask, on loopback, over a ledger's accounts."""

import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import Self

from sallim.guard.wire import asked_of_wire, row_of_wire, settlement_of_wire
from sallim.ledger.money_rows import Refused
from sallim.ledger.statement_rows import Refusal
from tests.standins.upstream import Server


class Gateway:
    """`fault` is a status to answer with instead; `asked` counts requests by their path."""

    def __init__(self, accounts, token: str) -> None:
        self.accounts, self.token = accounts, token
        self.fault = 0
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.gateway = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *told: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def answer(self, what: str, shape: dict) -> dict:
        accounts = self.accounts
        if what == "prices":
            exchange = accounts.exchange_for("")
            rates = [row._asdict() for row in accounts.all_rates()]
            return {"rates": rates, "exchange": [exchange._asdict()] if exchange else []}
        if what == "reserve":
            said = accounts.reserve(asked_of_wire(shape["asked"]))
            name = "refused" if isinstance(said, Refused) else "admitted"
            return {name: said._asdict()}
        if what == "settle":
            settlement = settlement_of_wire(shape["settlement"])
            return {"new": accounts.settle(shape["call_id"], shape["attempt"], settlement)}
        if what == "refused":
            for each in shape["refusals"]:
                accounts.note_refusal(row_of_wire(Refusal, each))
            return {"new": True}
        return {"new": accounts.release(**shape)}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._do({})

    def do_POST(self) -> None:
        self._do(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _do(self, shape: dict) -> None:
        gateway = self.server.gateway
        what = self.path.removeprefix("/v1/sallim/")
        gateway.asked.append(what)
        if self.headers["authorization"] != f"Bearer {gateway.token}":
            self._say(401, {"error": f"no such token: {self.headers['authorization']}"})
        elif gateway.fault:
            self._say(gateway.fault, {"error": "not now"})
        else:
            self._say(200, gateway.answer(what, shape))

    def _say(self, status: int, shape: dict) -> None:
        content = json.dumps(shape).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
