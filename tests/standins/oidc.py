"""An OpenID provider on loopback: discovery, keys, consent and tokens, as the standard says.

It keeps to the rules (one use for a code, PKCE, the client's secret), so that who breaks them is
refused; tests change what it says in its tokens.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, CLIENT_SECRET = "sallim", "a secret of the client"


@dataclass
class Provider:
    url: str = ""
    email: str = "kim@example.com"
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over those that are right; None takes one away."""
    document: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    )
    refusals: list[str] = field(default_factory=list)

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, "RS256", headers={"kid": "one"})

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        } | self.document

    def keys(self) -> dict[str, Any]:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": "one", "use": "sig"}]}

    def authorized(self, query: dict[str, str]) -> str:
        """Where the browser of who consented is sent."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        wrong = [
            name
            for name, good in {
                "code": asked is not None,
                "verifier": asked is not None and asked["code_challenge"] == challenge,
                "redirect": asked is not None and asked["redirect_uri"] == form["redirect_uri"],
                "secret": form.get("client_secret") == CLIENT_SECRET,
            }.items()
            if not good
        ]
        if wrong or asked is None:
            self.refusals += wrong
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": asked["client_id"],
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": True,
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return 200, {"id_token": (self.sign or self.signed)(kept), "token_type": "Bearer"}


@contextmanager
def provider() -> Iterator[Provider]:
    standing = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", standing.authorized(query))
                self.end_headers()
            elif parts.path == "/keys":
                self._say(200, standing.keys())
            else:
                self._say(200, standing.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*standing.token(form))

        def _say(self, status: int, shape: dict[str, Any]) -> None:
            body = json.dumps(shape).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standing.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield standing
    server.shutdown()
    server.server_close()
    thread.join(5)
