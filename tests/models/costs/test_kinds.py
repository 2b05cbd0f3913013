import pytest

from models.costs.kinds import KINDS, is_call, kind_of


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_booked_names_its_kind(kind):
    assert kind_of(f"{kind}:something", ["total"]) == kind
    assert is_call(f"{kind}:something", kind) == (kind == "api")


def test_a_call_is_of_an_api_whatever_its_address():
    assert kind_of("/v1/servers", ["api"]) == "api"
    assert is_call("/v1/responses", "api")


def test_what_was_spent_before_and_what_is_corrected_is_no_call():
    assert kind_of("opening", ["api", "total"]) == "api"
    assert kind_of("correction:openai", ["servers"]) == "server"
    assert not is_call("opening", "api")
    assert not is_call("correction:openai", "api")
