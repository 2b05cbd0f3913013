"""What is said of a month that is over: the message, and why the card was charged otherwise."""

from decimal import Decimal

from models.alerts import Alert, Severity
from models.budget.close import TOTAL, BucketClose, MonthClose
from models.budget.words import won
from models.costs.shapes import NOTHING
from models.messages import Message, say

LINK = "/budget?tab=months"
KIND = "budget.close"
GROUPS = ("api", "servers")


def close_alert(close: MonthClose, *, again: bool = False) -> Alert:
    """Once a month; `again` where a wrong clock had closed it before its end."""
    title = verdict(close)
    key = f"month:{close.month}"
    if again:
        key += ":again"
        title = say("the clock was wrong, so once more: {text}", text=title)
    severity = Severity.INFO if close.is_kept else Severity.WARN
    return Alert(key, KIND, severity, title, _lines(close), LINK, bucket_id=TOTAL)


def verdict(close: MonthClose) -> Message:
    """One sentence."""
    total = close.total
    if total is None:
        return say("{month} is closed: {spent} won", month=close.month, spent=won(close.spent_won))
    said = {
        "month": close.month,
        "spent": won(total.spent_won),
        "cap": won(total.allowed_won),
    }
    if not close.is_kept:
        return say("{month} is closed, overspent: {spent} of {cap} won", **said)
    return say("{month} is closed and kept: {spent} of {cap} won", **said)


def _lines(close: MonthClose) -> tuple[Message, ...]:
    """Few: the rest is in the report."""
    lines = [
        _bucket_line(each)
        for each in close.buckets
        if each.bucket_id in GROUPS or (each.bucket_id != TOTAL and not each.is_kept)
    ]
    ours = sum((each.ours_usd for each in close.billed), NOTHING)
    theirs = sum((each.theirs_usd for each in close.billed), NOTHING)
    if close.billed:
        lines.append(
            say(
                "estimated {ours} dollars, billed {theirs}",
                ours=dollars(ours),
                theirs=dollars(theirs),
            )
        )
    if close.refused.calls:
        lines.append(say("refused calls: {calls}", calls=f"{close.refused.calls:,}"))
    if close.doubts:
        lines.append(
            say(
                "calls without an end, counted at their worst: {count}, {won} won ({names})",
                count=len(close.doubts) + close.doubts_more,
                won=won(close.doubted_won),
                names=", ".join(each.call_id for each in close.doubts[:3]),
            )
        )
    if close.savings:
        best = close.savings[0]
        lines.append(
            say(
                "could have saved {won} won, {subject}: {sentence}",
                won=won(best.won),
                subject=best.subject,
                sentence=best.sentence,
            )
        )
    lines.append(
        say("type in what the card was charged, and see the plan of the next month, on the page")
    )
    return tuple(lines)


def _bucket_line(bucket: BucketClose) -> Message:
    said = {
        "bucket": bucket.bucket_id,
        "spent": won(bucket.spent_won),
        "cap": won(bucket.allowed_won),
    }
    if bucket.is_kept:
        return say("{bucket}: {spent} of {cap} won", **said)
    over = won(bucket.spent_won - bucket.allowed_won)
    return say("{bucket}: {spent} of {cap} won, {over} won too much", over=over, **said)


def explained(close: MonthClose, charged_won: Decimal) -> list[Message]:
    """Why the card was charged something else than was counted; each sentence is one reason."""
    difference = charged_won - close.spent_won
    said = {"charged": won(charged_won), "counted": won(close.spent_won)}
    if difference == 0:
        lines = [say("the card was charged {charged} won, as was counted", charged=said["charged"])]
    elif difference > 0:
        lines = [
            say(
                "the card was charged {charged} won, {more} won more than the {counted} won that "
                "were counted",
                more=won(difference),
                **said,
            )
        ]
    else:
        lines = [
            say(
                "the card was charged {charged} won, {less} won less than the {counted} won that "
                "were counted",
                less=won(-difference),
                **said,
            )
        ]
    return [*lines, *_reasons(close, charged_won)]


def _reasons(close: MonthClose, charged_won: Decimal) -> list[Message]:
    lines = []
    parts = close.dollars
    if parts.usd:
        lines.append(
            say(
                "calls were counted at {usd} dollars and {rate} won a dollar, with {vat} won of "
                "VAT and {fee} won for the card",
                usd=dollars(parts.usd),
                rate=rate(parts.net_won / parts.usd),
                vat=won(parts.vat_won),
                fee=won(parts.fee_won),
            )
        )
    if close.unverified_won:
        lines.append(
            say(
                "{won} won of it are calls whose end nobody saw, at their worst: so much may never "
                "be charged",
                won=won(close.unverified_won),
            )
        )
    lines += [
        say(
            "{provider} bills {theirs} dollars where {ours} were estimated",
            provider=each.provider,
            theirs=dollars(each.theirs_usd),
            ours=dollars(each.ours_usd),
        )
        for each in close.billed
        if each.theirs_usd != each.ours_usd
    ]
    implied = implied_rate(close, charged_won)
    if implied is not None:
        lines.append(
            say(
                "if all of the difference is the rate of exchange, a dollar did cost {rate} won",
                rate=rate(implied),
            )
        )
    return lines


def implied_rate(close: MonthClose, charged_won: Decimal) -> Decimal | None:
    """Won a dollar by which the card would have charged just that; None: no such rate."""
    parts = close.dollars
    in_dollars = charged_won - (close.spent_won - parts.won)
    if not parts.usd or in_dollars <= 0 or charged_won == close.spent_won:
        return None
    return in_dollars * parts.net_won / (parts.won * parts.usd)


def dollars(amount: Decimal) -> str:
    """With cents.

    >>> dollars(Decimal("1234.567"))
    '1,234.57'
    """
    return f"{amount.quantize(Decimal('0.01')):,}"


def rate(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.1')):,}"
