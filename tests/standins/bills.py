"""Billing interfaces and tables of rates on loopback, which speak as the real ones are documented.

A desk answers by path; what it cannot answer is 404, and every request is written down.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Query = Mapping[str, list[str]]
Answer = tuple[int, bytes]


@dataclass
class Desk:
    """`routes` maps a path to what answers there: a function of query and headers."""

    routes: dict[str, Callable[[Query, Mapping[str, str]], Answer]] = field(default_factory=dict)
    url: str = ""
    asked: list[tuple[str, Query]] = field(default_factory=list)
    slow_seconds: float = 0.0
    """Before each byte of a body, so that a limit for each single read would never be reached."""

    def says(self, path: str, body: bytes | str | object, status: int = 200) -> None:
        """The same to everybody."""
        if isinstance(body, str):
            body = body.encode()
        told = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.routes[path] = lambda query, headers: (status, told)

    def count(self, path: str) -> int:
        return sum(1 for asked, _ in self.asked if asked == path)


@contextmanager
def desk() -> Iterator[Desk]:
    standing = Desk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            standing.asked.append((parts.path, query))
            prefix = next((p for p in standing.routes if parts.path.startswith(p)), None)
            route = standing.routes.get(parts.path) or standing.routes.get(prefix or "")
            status, body = route(query, dict(self.headers)) if route else (404, b"{}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                if not standing.slow_seconds:
                    self.wfile.write(body)
                    return
                for byte in body:
                    time.sleep(standing.slow_seconds)
                    self.wfile.write(bytes([byte]))
            except OSError:
                pass  # Whoever asked has gone.

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    standing.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield standing
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def frankfurter(days: Mapping[str, tuple[object, object]]) -> dict[str, object]:
    """The shape of a range, for one dollar; the values are won and euros."""
    rates = {day: {"EUR": euros, "KRW": won} for day, (won, euros) in days.items()}
    return {
        "amount": 1.0,
        "base": "USD",
        "start_date": min(days, default=""),
        "end_date": max(days, default=""),
        "rates": rates,
    }


def ecb(days: Mapping[str, tuple[str, str]]) -> str:
    """The shape of eurofxref-hist-90d.xml, for one euro; the values are dollars and won."""
    cubes = "".join(
        f'<Cube time="{day}"><Cube currency="USD" rate="{usd}"/>'
        f'<Cube currency="KRW" rate="{won}"/></Cube>'
        for day, (usd, won) in days.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope '
        'xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
        f"<gesmes:subject>Reference rates</gesmes:subject><Cube>{cubes}</Cube></gesmes:Envelope>"
    )


def openai_costs(
    standing: Desk, days: Mapping[int, list[tuple[str, str]]], a_page: int = 2
) -> None:
    """`GET /v1/organization/costs` in pages; amounts are JSON numbers, as they are written here.

    By the start of a UTC day: line items, each with its dollars.
    """

    def answer(query: Query, headers: Mapping[str, str]) -> Answer:
        if headers.get("Authorization") != "Bearer sk-admin-1":
            return 401, b'{"error":{"message":"You have insufficient permissions"}}'
        known = sorted(day for day in days if day >= int(query["start_time"][0]))
        first = int(query.get("page", ["0"])[0])
        last = first + a_page
        told = ",".join(_openai_bucket(day, days[day]) for day in known[first:last])
        more = f'"has_more":true,"next_page":"{last}"'
        none = '"has_more":false,"next_page":null'
        ending = more if last < len(known) else none
        return 200, f'{{"object":"page","data":[{told}],{ending}}}'.encode()

    standing.routes["/v1/organization/costs"] = answer


def _openai_bucket(day: int, lines: list[tuple[str, str]]) -> str:
    results = ",".join(
        f'{{"object":"organization.costs.result","amount":{{"value":{usd},"currency":"usd"}},'
        f'"line_item":"{line}","quantity":240000,"quantity_unit":"tokens","project_id":null}}'
        for line, usd in lines
    )
    return (
        f'{{"object":"bucket","start_time":{day},"end_time":{day + 86_400},"results":[{results}]}}'
    )


def anthropic_costs(standing: Desk, days: Mapping[str, list[tuple[str, str]]]) -> None:
    """`GET /v1/organizations/cost_report`, a day a page; amounts are texts of cents.

    By day: models, each with its cents.
    """

    def answer(query: Query, headers: Mapping[str, str]) -> Answer:
        if headers.get("X-Api-Key", headers.get("x-api-key")) != "sk-ant-admin-1":
            return 403, b'{"type":"error","error":{"type":"permission_error"}}'
        known = sorted(days)
        place = int(query.get("page", ["0"])[0])
        results = [
            {
                "amount": cents,
                "currency": "USD",
                "cost_type": "tokens",
                "token_type": "output_tokens",
                "model": model,
                "service_tier": "standard",
                "context_window": "0-200k",
                "description": f"{model} Usage - Output Tokens",
                "workspace_id": None,
            }
            for model, cents in days[known[place]]
        ]
        since = f"{known[place]}T00:00:00Z"
        day_after = date.fromisoformat(known[place]) + timedelta(days=1)
        has_more = place + 1 < len(known)
        page = {
            "data": [
                {"starting_at": since, "ending_at": f"{day_after}T00:00:00Z", "results": results}
            ],
            "has_more": has_more,
            "next_page": str(place + 1) if has_more else None,
        }
        return 200, json.dumps(page).encode()

    standing.routes["/v1/organizations/cost_report"] = answer


def openrouter(standing: Desk, activity: list[dict[str, object]], bought: str, used: str) -> None:
    """`GET /api/v1/activity` and `/api/v1/credits`; amounts are JSON numbers."""
    standing.says("/api/v1/activity", {"data": activity})
    standing.says(
        "/api/v1/credits", f'{{"data":{{"total_credits":{bought},"total_usage":{used}}}}}'
    )


def openrouter_key(standing: Desk, **told: object) -> None:
    """`GET /api/v1/key` of a key for calls; amounts are JSON numbers."""

    def answer(query: Query, headers: Mapping[str, str]) -> Answer:
        if headers.get("Authorization") != "Bearer sk-or-v1-1":
            return 401, b'{"error":{"code":401,"message":"No auth credentials found"}}'
        data = {
            "label": "sk-or-v1-au7...890",
            "limit": 100,
            "limit_remaining": 74.5,
            "limit_reset": "monthly",
            "usage": 25.5,
            "usage_daily": 1.5,
            "usage_weekly": 5.25,
            "usage_monthly": 25.5,
            "byok_usage": 0,
            "is_free_tier": False,
        }
        return 200, json.dumps({"data": {**data, **told}}).encode()

    standing.routes["/api/v1/key"] = answer


def deepseek(standing: Desk, balances: Mapping[str, str], *, is_available: bool = True) -> None:
    """`GET /user/balance`; amounts are texts, by currency."""
    infos = [
        {
            "currency": currency,
            "total_balance": total,
            "granted_balance": "10.00",
            "topped_up_balance": "100.00",
        }
        for currency, total in balances.items()
    ]
    standing.says("/user/balance", {"is_available": is_available, "balance_infos": infos})


def hetzner(standing: Desk, servers: Mapping[tuple[str, str], tuple[str, str]]) -> None:
    """`GET /v1/pricing`: net prices of an hour and a month, by server type and location.

    VAT of 19 %; an IPv4 address costs 0.0008 EUR an hour, 0.50 EUR a month.
    """

    def answer(query: Query, headers: Mapping[str, str]) -> Answer:
        if headers.get("Authorization") != "Bearer hcloud-1":
            return 401, b'{"error":{"code":"unauthorized","message":"unable to authenticate"}}'
        return 200, json.dumps({"pricing": _pricing(servers)}).encode()

    standing.routes["/v1/pricing"] = answer


def _pricing(servers: Mapping[tuple[str, str], tuple[str, str]]) -> dict[str, object]:
    kinds = sorted({kind for kind, _ in servers})
    return {
        "currency": "EUR",
        "vat_rate": "19.00",
        "image": {"price_per_gb_month": _money("0.011")},
        "primary_ips": [
            {"type": "ipv4", "prices": [_of_place("fsn1", "0.0008", "0.50")]},
            {"type": "ipv6", "prices": [_of_place("fsn1", "0", "0")]},
        ],
        "server_backup": {"percentage": "20.0"},
        "server_types": [
            {
                "id": number,
                "name": kind,
                "prices": [
                    _of_place(place, *amounts)
                    for (known, place), amounts in servers.items()
                    if known == kind
                ],
            }
            for number, kind in enumerate(kinds)
        ],
        "volume": {"price_per_gb_month": _money("0.044")},
    }


def _of_place(place: str, hour: str, month: str) -> dict[str, object]:
    return {
        "location": place,
        "price_hourly": _money(hour),
        "price_monthly": _money(month),
        "included_traffic": 21_990_232_555_520,
        "price_per_tb_traffic": _money("1.00"),
    }


def _money(net: str) -> dict[str, str]:
    return {"net": f"{Decimal(net):.10f}", "gross": f"{Decimal(net) * Decimal('1.19'):.16f}"}
