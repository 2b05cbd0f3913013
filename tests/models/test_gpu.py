from models.gpu import THROTTLE_REASONS, largest_first, throttle_states, xid_meaning


def test_idle_and_chosen_clocks_are_no_throttling():
    assert not any(throttle_states(0x1 | 0x2 | 0x10 | 0x100).values())


def test_every_reason_is_told_also_while_it_does_not_hold():
    assert throttle_states(0x80) == {
        "sw power cap": False,
        "hw slowdown": False,
        "sw thermal": False,
        "hw thermal": False,
        "hw power brake": True,
    }
    assert len(set(THROTTLE_REASONS.values())) == len(THROTTLE_REASONS)


def test_an_xid_without_words_of_its_own_keeps_its_number():
    assert "XID 777" in str(xid_meaning(777))


def test_what_fits_is_not_folded_into_other():
    assert largest_first({"a": 1, "b": 2}, 2) == {"b": 2, "a": 1}
