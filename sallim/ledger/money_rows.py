"""Rows of the ledger's money, and what its methods take and answer.

`*_micro` is whole micro-won, gross (with VAT and card fee); 1 won is 1,000,000. `*_nano_usd` is
whole nano-USD. `*_us` is UTC epoch microseconds. `*_ppm` is millionths. Nothing here is a float.
"""

from __future__ import annotations

from typing import NamedTuple

ESSENTIAL, IMPORTANT, OPTIONAL = "essential", "important", "optional"
PRIORITIES = (ESSENTIAL, IMPORTANT, OPTIONAL)

OPEN, SETTLED, RELEASED, UNVERIFIED = "open", "settled", "released", "unverified"
STATES = (OPEN, SETTLED, RELEASED, UNVERIFIED)
"""Of a call. Settled and unverified are spent; open is kept free for it; released is 0."""
USAGE, PROVIDER_COST, ESTIMATED, TYPED = "usage", "provider_cost", "estimated", "typed"
"""Sources of a settled amount; an unverified one has the source `unverified`."""

BUDGET, NO_BUDGET, NO_PERIOD, REPEATED = "budget", "no_budget", "no_period", "repeated"
PACE, QUOTA, HELD = "pace", "quota", "held"
"""Codes of a refusal."""
THRESHOLD, OVERRUN = "threshold", "overrun"
"""Kinds of a limit event."""

PPM = 1_000_000
IMPORTANT_PPM, OPTIONAL_PPM = 950_000, 900_000
THRESHOLDS_PPM = (700_000, 800_000, 900_000, 950_000, 1_000_000)
AMOUNT_MAX = 10**15
"""Of one call: a thousand million won, a million USD. Thousands of them still fit in SQLite."""
CAP_MAX = 10**18


class Budget(NamedTuple):
    """The rule of one bucket. Only the agent writes it; a change takes another `version`.

    `bucket_id`: "total", "api", "provider:openai", "workflow:ocr" ... Essential calls may use the
    whole cap; important and optional ones stop at their part of it. `thresholds_ppm` are parts of
    the cap, reached by what is settled and unverified. `calendar` names rows of `periods`.
    One that does not `blocks` only counts. Calls of APIs fill `burst_micro`, which empties by
    `pace_micro` an hour; 0 is no such guard. From `until_us` on, unless it is 0, the `after_*`
    hold: a raise ends also where nobody writes the rule anew.
    """

    bucket_id: str
    cap_micro: int
    important_ppm: int
    optional_ppm: int
    calendar: str
    thresholds_ppm: tuple[int, ...]
    version: int
    blocks: bool = True
    pace_micro: int = 0
    burst_micro: int = 0
    until_us: int = 0
    after_cap_micro: int = 0
    after_important_ppm: int = 0
    after_optional_ppm: int = 0


class Period(NamedTuple):
    """[start_us, end_us) of one calendar, such as "month:Asia/Seoul"; written years ahead."""

    calendar: str
    start_us: int
    end_us: int


class Exchange(NamedTuple):
    """The rate in force for a provider; `provider` "" is for all that have none of their own.

    `rate_date` is the day of the rate itself, such as "2026-11-20".
    """

    provider: str
    fx_id: str
    rate_date: str
    micro_won_per_usd: int
    vat_ppm: int
    fee_ppm: int
    source: str
    fetched_us: int


class RateRow(NamedTuple):
    """Prices of one model; `document` is JSON that `sallim/prices.py` makes and reads."""

    provider: str
    model: str
    price_id: str
    document: str
    source: str
    updated_us: int


class Asked(NamedTuple):
    """One attempt of one call, before it is sent, with the most that it can cost.

    `opened_us` decides in which period it counts. `buckets` in any order; those without a Budget
    are passed over. After `expires_us` nobody is expected to tell its end any more.
    Two calls with the same `prompt_hash` asked the same of the same model, two with the same
    `prefix_hash` began alike; "" is not known. `output_max` is the most tokens that it can make.
    """

    call_id: str
    attempt: int
    provider: str
    model: str
    endpoint: str
    workflow: str
    analysis: str
    job_key: str
    key_label: str
    priority: str
    buckets: tuple[str, ...]
    worst_nano_usd: int
    worst_micro: int
    price_id: str
    fx_id: str
    vat_ppm: int
    fee_ppm: int
    stream: bool
    host: str
    pid: int
    process: str
    opened_us: int
    expires_us: int
    prompt_hash: str = ""
    prefix_hash: str = ""
    output_max: int = 0


class Admitted(NamedTuple):
    """It may be sent; `worst_micro` is kept free for it in each of its buckets."""

    call_id: str
    attempt: int
    worst_micro: int


class Refused(NamedTuple):
    """It must not be sent. Of several buckets that refuse, the one that has the least left.

    `code`: budget, no_budget (none of its buckets has one), no_period (the calendar of a bucket
    has no period then), repeated (this attempt is over already; a new one needs a new number),
    pace (too much at once) or quota (too many calls; `bucket_id` is "quota:" and its id).
    `used_micro` is all that is committed: settled, unverified and open. `limit_micro` is the part
    of the cap that this priority may use, `left_micro` what is left of it, `resets_us` the end of
    the period of `calendar`. For pace `cap_micro` is what is let through an hour, `limit_micro`
    what may be used at once, `used_micro` what is of that, and `resets_us` when there is room for
    this call; for quota `resets_us` is when there is room for one. `held`: a person has stopped all
    calls that cost something, since `since_us`. For the other codes the amounts, but for
    `needed_micro`, are 0.
    """

    code: str
    bucket_id: str
    priority: str
    cap_micro: int
    limit_micro: int
    used_micro: int
    left_micro: int
    needed_micro: int
    resets_us: int
    calendar: str = ""
    """Such as "month:Asia/Seoul"; "" where a hub does not tell it."""
    calls_max: int = 0
    since_us: int = 0


class Tokens(NamedTuple):
    """Each token counts once: `input` is uncached text, `output` is without reasoning."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    audio_input: int = 0
    media_input: int = 0


class Settlement(NamedTuple):
    """What a call did cost. `source`: usage, provider_cost, estimated or typed.

    `status` is that of HTTP; `tool_calls` is JSON; `overhead_us` is the time that Sallim took.
    """

    nano_usd: int
    gross_micro: int
    source: str
    status: int
    latency_us: int
    model_billed: str
    tokens: Tokens
    tool_calls: str
    overhead_us: int
    error: str
    settled_us: int


class CallRow(NamedTuple):
    """A call as it stands: what was asked, its state, what is known of its end.

    Every change of it takes a new `seq`. An unverified one has its worst case in `nano_usd` and
    `gross_micro`, so the sum of `gross_micro` is what is spent. `settled_us` is 0 until then.
    """

    seq: int
    call_id: str
    attempt: int
    provider: str
    model: str
    endpoint: str
    workflow: str
    analysis: str
    job_key: str
    key_label: str
    priority: str
    buckets: tuple[str, ...]
    worst_nano_usd: int
    worst_micro: int
    price_id: str
    fx_id: str
    vat_ppm: int
    fee_ppm: int
    stream: bool
    host: str
    pid: int
    process: str
    opened_us: int
    expires_us: int
    state: str
    nano_usd: int
    gross_micro: int
    source: str
    status: int
    latency_us: int
    model_billed: str
    tokens: Tokens
    tool_calls: str
    overhead_us: int
    error: str
    settled_us: int
    updated_us: int
    prompt_hash: str = ""
    prefix_hash: str = ""
    output_max: int = 0
