"""A person's silence is obeyed by the outbox, and ends by itself."""

import pytest

from data.requests import put_order
from models.alerts import Severity
from models.requests.kept import StandingOrder
from tests.agent.outboxing import Hands, marks, posting

pytestmark = pytest.mark.slow

HOUR = 3600


def silence(post, target, seconds=HOUR):
    now = int(post.hands.wall)
    put_order(
        post.control,
        StandingOrder("r-1", "silence", target, "minji", "quiet", now, now + seconds, 0),
    )


def test_what_is_silenced_is_told_when_the_silence_ends(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        silence(post, "api")
        post.put(Severity.WARN, bucket_id="api")
        post.put(Severity.INFO, bucket_id="api")
        post.put(Severity.CRITICAL, bucket_id="api")
        post.rounds(HOUR - 60, 60)
        assert marks(sink.texts) == ["#3/1"]
        assert post.outbox.depth == 2

        post.rounds(120, 10)

    assert sink.texts[1].startswith("2 messages")
    assert marks(sink.texts) == ["#3/1", "#1/1", "#2/1"]


@pytest.mark.parametrize("step", [-HOUR, 40 * 24 * HOUR])
def test_a_clock_that_steps_keeps_nothing_silent_for_long(tmp_path, sink, address, step):
    hands = Hands()
    with posting(tmp_path, {"slack": address}, hands) as post:
        silence(post, "everything")
        post.put(Severity.WARN, bucket_id="api")
        hands.wall += step
        post.rounds(2 * HOUR + 120, 60)

    assert marks(sink.texts) == ["#1/1"]
