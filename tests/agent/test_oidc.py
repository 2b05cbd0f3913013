"""Who an identity provider vouches for, and every token that is not good."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from agent.oidc import ASKED_AT_ONCE, Oidc
from models.errors import SignInRefused
from models.oidc import PENDING_MAX, PENDING_SECONDS
from models.settings.oidc import Oidc as OidcSettings
from tests.standins.oidc import CLIENT, CLIENT_SECRET, provider

WRONG = "the wrong secret"
APP = "http://127.0.0.1:8501"


@pytest.fixture
def standing():
    with provider() as standing:
        yield standing


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def oidc_of(standing, clock=time.monotonic, secret=CLIENT_SECRET, **changed) -> Oidc:
    oidc = Oidc(clock, {"OIDC_CLIENT_SECRET": secret})
    rules = {"issuer": standing.url, "client_id": CLIENT} | changed
    oidc.take_over(OidcSettings(**rules), APP)
    return oidc


@pytest.fixture
def oidc(standing):
    return oidc_of(standing)


def consented(url: str) -> dict[str, str]:
    """What the provider sends the browser back with."""
    answer = httpx.get(url, follow_redirects=False, trust_env=False)
    assert answer.headers["location"].startswith(f"{APP}/signin/oidc/back?")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def signed_in(oidc) -> str:
    back = consented(oidc.begin()["url"])
    return oidc.finish(back["state"], back["code"])


def test_a_good_token_names_its_person(oidc):
    assert signed_in(oidc) == "kim@example.com"


def test_the_provider_is_asked_with_pkce_state_and_nonce(oidc):
    begun = oidc.begin()
    asked = parse_qs(urlsplit(begun["url"]).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"] == [begun["state"]]
    assert asked["scope"] == ["openid email"]
    assert len(asked["nonce"][0]) == 64
    assert asked["redirect_uri"] == [f"{APP}/signin/oidc/back"]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another app"},
        {"aud": None},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"nonce": "of another visit"},
        {"nonce": None},
        {"azp": "another app"},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_visit_is_refused(standing, oidc, claims):
    standing.claims = claims

    with pytest.raises(SignInRefused):
        signed_in(oidc)


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"email_verified": None}, {"email": None}]
)
def test_an_address_that_nobody_verified_is_nobodys(standing, oidc, claims):
    standing.claims = claims

    with pytest.raises(SignInRefused, match="did not vouch"):
        signed_in(oidc)


def with_other_key(claims) -> str:
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return jwt.encode(claims, other, "RS256", headers={"kid": "one"})


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: jwt.encode(claims, None, "none", headers={"kid": "one"}),
        lambda claims: jwt.encode(claims, "x" * 32, "HS256", headers={"kid": "one"}),
        with_other_key,
        lambda claims: "no.token.at all",
        lambda claims: "",
    ],
    ids=["alg none", "a shared secret", "another key", "garbage", "nothing"],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(standing, oidc, sign):
    standing.sign = sign

    with pytest.raises(SignInRefused, match="not good here"):
        signed_in(oidc)


def test_the_providers_public_key_is_no_shared_secret(standing, oidc):
    """The old trick: HS256, with the public key as its secret."""
    public = jwt.PyJWKSet.from_dict(standing.keys()).keys[0].key
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(claims) -> str:
        head = jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"one","typ":"JWT"}').decode()
        body = jwt.utils.base64url_encode(jwt.api_jwt.json.dumps(claims).encode()).decode()
        import hashlib
        import hmac

        mark = hmac.new(pem, f"{head}.{body}".encode(), hashlib.sha256).digest()
        return f"{head}.{body}.{jwt.utils.base64url_encode(mark).decode()}"

    standing.sign = sign
    with pytest.raises(SignInRefused, match="not good here"):
        signed_in(oidc)


def test_each_visit_ends_once_and_only_its_own(standing, oidc):
    back = consented(oidc.begin()["url"])
    assert oidc.finish(back["state"], back["code"]) == "kim@example.com"

    with pytest.raises(SignInRefused, match="over"):
        oidc.finish(back["state"], back["code"])
    with pytest.raises(SignInRefused, match="over"):
        oidc.finish("a state of somebody else", back["code"])


def test_a_stolen_code_is_worth_nothing_in_another_visit(standing, oidc):
    stolen = consented(oidc.begin()["url"])["code"]
    mine = oidc.begin()["state"]

    with pytest.raises(SignInRefused, match="400"):
        oidc.finish(mine, stolen)
    assert standing.refusals == ["verifier"]


def test_visits_do_not_wait_for_ever_nor_fill_memory(standing):
    clock = Clock()
    oidc = oidc_of(standing, clock)
    late = consented(oidc.begin()["url"])
    clock.now = PENDING_SECONDS
    with pytest.raises(SignInRefused, match="over"):
        oidc.finish(late["state"], late["code"])

    first = consented(oidc.begin()["url"])
    for _ in range(PENDING_MAX):
        oidc.begin()
    with pytest.raises(SignInRefused, match="over"):
        oidc.finish(first["state"], first["code"])


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_whose_document_leads_astray_is_not_asked(standing, oidc, document):
    standing.document = document

    with pytest.raises(SignInRefused) as refused:
        oidc.begin()
    assert refused.value.status == 502


def test_without_its_secret_the_client_says_which_one(standing):
    oidc = oidc_of(standing, secret="")

    with pytest.raises(SignInRefused, match="OIDC_CLIENT_SECRET is not set"):
        signed_in(oidc)


def test_a_wrong_secret_shows_in_no_sentence(standing):
    with pytest.raises(SignInRefused) as refused:
        signed_in(oidc_of(standing, secret=WRONG))

    assert WRONG not in str(refused.value)


def test_without_settings_there_is_no_provider():
    oidc = Oidc(time.monotonic, {})

    assert oidc.name == ""
    with pytest.raises(SignInRefused, match="no identity provider"):
        oidc.begin()


def test_a_provider_that_is_away_is_told(standing):
    oidc = oidc_of(standing, issuer="http://127.0.0.1:9")

    with pytest.raises(SignInRefused, match="cannot be asked"):
        oidc.begin()


def test_a_provider_that_answers_nothing_holds_few_threads():
    """Whoever reaches the app may have it asked; others are to be answered meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as threads:
        oidc = Oidc(time.monotonic, {})
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        oidc.take_over(OidcSettings(issuer=url, client_id=CLIENT), APP)
        waiting = [threads.submit(oidc.begin) for _ in range(ASKED_AT_ONCE)]
        links = [silent.accept()[0] for _ in waiting]

        with pytest.raises(SignInRefused, match="Too many are at the identity provider") as refused:
            oidc.begin()

        assert refused.value.status == 503
        silent.close()
        for link in links:
            link.close()
        assert {type(each.exception()) for each in waiting} == {SignInRefused}
        with pytest.raises(SignInRefused, match="cannot be asked"):
            oidc.begin()
