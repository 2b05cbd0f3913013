"""A token that is suspended spends nothing, and is the same token afterwards."""

import pytest

from agent.actions.gateway_tokens import GatewayTokens
from agent.commands.token import _line
from data.home import Home
from data.tokens import GATEWAY, PUSH, Spending, create, listed, revoke, verify_at
from models.errors import ActionRefused, StoreError
from models.settings.service import Service

NOW = 1_795_900_000.0
N8N = Service(name="n8n-key", kind="gateway_token", target="n8n")


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def actor(home):
    return GatewayTokens(home, lambda: NOW)


@pytest.fixture
def token(home):
    return create(home, "n8n", NOW, [GATEWAY], Spending("essential", "blog", NOW + 1e9))


def test_a_suspended_token_is_refused_and_comes_back_as_it_was(home, actor, token):
    before = verify_at(home, token, NOW)

    assert actor.is_up(N8N) is True
    actor.stop(N8N)
    assert actor.is_up(N8N) is False
    assert verify_at(home, token, NOW) is None
    assert "suspended 2026-11-28" in _line(listed(home)[0])
    actor.start(N8N)
    assert actor.is_up(N8N) is True
    assert verify_at(home, token, NOW) == before


def test_another_token_is_left_alone(home, actor, token):
    other = create(home, "probe", NOW, [PUSH])
    actor.stop(N8N)

    assert verify_at(home, other, NOW).name == "probe"


def test_to_suspend_it_twice_keeps_when_it_was(home, token):
    for now in (NOW, NOW + 50):
        GatewayTokens(home, lambda now=now: now).stop(N8N)

    assert listed(home)[0].suspended_at == NOW


def test_what_is_no_valid_token_is_no_suspended_one(home, actor, token):
    revoke(home, "n8n", NOW)

    for act in (actor.is_up, actor.stop, actor.start):
        with pytest.raises(ActionRefused) as told:
            act(N8N)
        assert "no token named n8n is valid; make one with `" in str(told.value)


def test_one_that_has_expired_does_not_come_back(home, token):
    GatewayTokens(home, lambda: NOW).stop(N8N)

    with pytest.raises(ActionRefused):
        GatewayTokens(home, lambda: NOW + 1e9).start(N8N)


def test_a_new_token_of_the_same_name_is_not_suspended(home, actor, token):
    actor.stop(N8N)
    revoke(home, "n8n", NOW)
    fresh = create(home, "n8n", NOW, [GATEWAY])

    assert verify_at(home, fresh, NOW) is not None
    assert actor.is_up(N8N) is True


def test_a_damaged_file_of_tokens_is_said(home, actor):
    home.tokens.write_bytes(b"no database at all" * 100)

    with pytest.raises(ActionRefused) as told:
        actor.stop(N8N)
    assert not isinstance(told.value, StoreError)
    assert "the tokens cannot be read or written" in str(told.value)
