"""Rows of the ledger that say the same must not drift apart."""

from typing import get_type_hints

from sallim.ledger.money_rows import Asked, CallRow


def test_a_call_has_all_that_was_asked_in_its_order_and_of_its_kind():
    asked, call = get_type_hints(Asked), get_type_hints(CallRow)

    assert [name for name in CallRow._fields if name in asked] == list(Asked._fields)
    assert {name: call[name] for name in asked} == asked
    assert {name: CallRow._field_defaults[name] for name in Asked._field_defaults} == (
        Asked._field_defaults
    )
