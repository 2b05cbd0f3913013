"""People's requests over a real control file: who may, once, confirmed, and audited first."""

import pytest

from models.errors import RequestRefused
from models.requests import KINDS
from models.requests.roles import may
from models.requests.shapes import ROLES
from tests.agent.asking import NOW, OPERATOR, OWNER, VIEWER

NOVEMBER = "2026-11-30"
ASKED = {
    "raise": ("api", {"amount_krw": 3000, "until": NOVEMBER}),
    "release": ("api", {"until": NOVEMBER}),
    "withdraw": ("0f3a", {"bucket": "api"}),
    "settle": ("c-1", {"amount_krw": 1, "attempt": 1}),
    "stop_all": ("everything", {}),
    "resume": ("everything", {}),
    "stop": ("gpu", {}),
    "start": ("gpu", {}),
    "pause": ("automation", {"until": NOVEMBER}),
    "acknowledge": ("n8n down", {}),
    "silence": ("api", {"until": NOVEMBER}),
    "scale": ("gpu", {"instances": 2}),
    "retry": ("ocr", {}),
    "rerun": ("all", {}),
    "dismiss": ("all", {}),
    "charge": ("2026-10", {"amount_krw": 23_000}),
    "plan": ("2026-12", {"total_krw": 24_900, "amounts_krw": {"total": 24_900, "api": 9_000}}),
    "unplan": ("2026-12", {}),
    "recipe": ("calls", {"model": "theta"}),
    "agree": ("0a1b2c3d", {}),
    "decline": ("0a1b2c3d", {}),
}
CALLERS = {"viewer": VIEWER, "operator": OPERATOR, "owner": OWNER}


def refusal(house, caller, shape) -> RequestRefused:
    with pytest.raises(RequestRefused) as refused:
        house.requests.ask(caller, shape)
    return refused.value


def test_a_raise_is_written_down_before_it_is_done_and_after(house):
    kept = house.asked(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)

    assert (kept.state, kept.who, kept.reason) == ("done", "minji", "so it is")
    assert str(kept.told) == "api may spend 3,000 won more until 2026-12-01 00:00"
    [override] = house.world.overrides.values()
    assert (override.bucket_id, override.delta_krw, override.by) == ("api", 3000, "minji")
    accepted, done = house.audit
    assert (accepted.step, done.step) == ("accepted", "done")
    assert accepted.before == (
        '{"args": {"amount_micro": 3000000000, "until": 1796050800}, "cap_won": 15000, '
        '"raised_won": 0, "reason": "so it is"}'
    )
    assert (accepted.who, accepted.address) == ("minji", "10.0.0.7")
    assert done.result == str(kept.told)
    assert house.verdict == (2, "")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_ask_for_what_the_table_says(house, role):
    for kind in KINDS:
        target, args = ASKED[kind]
        refused = refusal(house, CALLERS[role], house.handmade(kind, target, **args))
        house.monotonic.now += 60

        assert (refused.status != 403) == may(role, kind)
    assert house.steps() == [("refused", kind) for kind in KINDS]
    assert not house.world.acts


def test_a_viewer_is_given_no_nonce_and_that_is_written_down(house):
    with pytest.raises(RequestRefused, match="sora is viewer and may not raise: ask somebody"):
        house.prepared(VIEWER, "raise", "api", amount_krw=3000, until=NOVEMBER)

    assert [(row.step, row.who) for row in house.audit] == [("refused", "sora")]


def test_two_clicks_are_one_action_and_the_second_is_told_of_the_first(house):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)
    kept = house.requests.ask(OWNER, shape)
    refused = refusal(house, OWNER, shape)

    assert (refused.status, refused.kept) == (409, kept.request_id)
    assert "asked for already, and is done; nothing more was done" in str(refused)
    assert len(house.world.acts) == 1
    assert house.steps() == [("accepted", "raise"), ("done", "raise"), ("refused", "raise")]


def test_a_replay_after_a_restart_is_refused_as_well(house):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)
    house.requests.ask(OWNER, shape)
    house.crash()

    assert refusal(house, OWNER, shape).status == 409
    assert len(house.world.acts) == 1


def test_a_nonce_outlives_a_restart_within_its_minute(house):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)
    house.crash()

    assert house.requests.ask(OWNER, shape).state == "done"


@pytest.mark.parametrize(
    "changed",
    [
        {"target": "total"},
        {"args": {"amount_krw": 4000, "until": NOVEMBER}, "confirm": "4000"},
        {"args": {"amount_krw": 3000, "until": "2026-11-29"}},
        {"kind": "release", "args": {"until": NOVEMBER}, "confirm": "api"},
    ],
)
def test_a_nonce_is_good_for_nothing_else(house, changed):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)

    assert "prepared for something else" in str(refusal(house, OWNER, {**shape, **changed}))
    assert not house.world.acts


def test_a_nonce_of_another_session_is_as_unknown_as_one_made_up(house):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)
    other = OWNER._replace(bound_to="session-9")
    stolen = str(refusal(house, other, shape))
    made_up = str(refusal(house, OWNER, {**shape, "nonce": "made up"}))

    assert stolen == made_up
    assert house.requests.ask(OWNER, shape).state == "done"


@pytest.mark.parametrize("seconds", [60, 3600, 40 * 86_400, -1, -3600])
def test_a_nonce_lives_a_minute_also_by_a_clock_that_steps(house, seconds):
    shape = house.prepared(OWNER, "acknowledge", "n8n down")
    house.clock.now = NOW + seconds

    assert "prepared too long ago" in str(refusal(house, OWNER, shape))


def test_in_its_last_second_a_nonce_is_taken(house):
    shape = house.prepared(OWNER, "acknowledge", "n8n down")
    house.clock.now = NOW + 59.9

    assert house.requests.ask(OWNER, shape).state == "done"


def test_a_slip_of_the_finger_is_refused_and_uses_the_nonce_up(house):
    shape = house.prepared(OWNER, "raise", "api", amount_krw=3000, until=NOVEMBER)
    refused = refusal(house, OWNER, {**shape, "confirm": "300"})

    assert "type 3000 to confirm; nothing was done" in str(refused)
    assert refusal(house, OWNER, shape).status == 409
    assert [row.state for row in house.requests.recent(VIEWER)] == ["refused"]
    assert not house.world.acts


@pytest.mark.parametrize(
    ("kind", "target", "args"), [("scale", "gpu", {"instances": 2}), ("retry", "ocr", {})]
)
def test_what_is_not_there_yet_says_so(house, kind, target, args):
    refused = refusal(house, OWNER, house.handmade(kind, target, **args))

    with pytest.raises(RequestRefused, match="by request yet") as no_nonce:
        house.prepared(OWNER, kind, target, **args)
    assert no_nonce.value.status == 501
    assert refused.status == 409
    assert not house.world.acts


def test_five_dangerous_requests_a_minute_are_all_that_one_person_has(house):
    for _ in range(5):
        refusal(house, OWNER, house.handmade("stop_all", "everything"))
    refused = [refusal(house, OWNER, house.handmade("stop_all", "everything")) for _ in range(9)]

    assert {each.status for each in refused} == {429}
    assert "ask again in 13 s" in str(refused[0])
    assert len(house.audit) == 10, "a flood is cut off"
    assert house.asked(OPERATOR, "stop", "gpu").state == "done"
    house.monotonic.now += 12
    assert house.asked(OWNER, "stop_all", "everything").state == "done"


def test_requests_are_seen_by_everybody_and_the_audit_by_the_owner(house):
    house.asked(OPERATOR, "stop", "gpu")

    [row] = house.requests.recent(VIEWER)
    assert (row.kind, row.target, row.who, row.state) == ("stop", "gpu", "jun", "done")
    assert len(house.requests.audited(OWNER, 0)[0]) == 2
    with pytest.raises(RequestRefused, match="may not audit"):
        house.requests.audited(OPERATOR, 0)


def test_what_would_follow_is_shown_before_it_is_asked_for(house):
    told = house.requests.preview(OWNER, {"kind": "stop_all", "target": "everything", "args": {}})

    assert told["effect"] == {"stops": ["gpu", "n8n"], "still_bills": ["gpu"], "lost": []}
    assert told["confirm"] == "everything"
    assert not house.audit
    assert not house.world.acts


def test_nonces_of_one_session_do_not_pile_up(house):
    shapes = []
    for _ in range(25):
        shapes.append(house.prepared(OWNER, "acknowledge", "n8n down"))
        house.clock.now += 1

    assert len(house.control.rows("nonces", "rowid")) == 20
    assert refusal(house, OWNER, shapes[0]).status == 409
    assert house.requests.ask(OWNER, shapes[-1]).state == "done"
