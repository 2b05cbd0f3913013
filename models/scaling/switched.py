"""What a person is told when forecasts begin or cease to start machines."""

from models.alerts import Alert, Severity
from models.demand.gate import Gate
from models.messages import say


def switched_alert(pool: str, gate: Gate, now: float) -> Alert:
    """`now`: UTC epoch seconds."""
    title = (
        say("forecasts now count for the machines of {pool}", pool=pool)
        if gate.is_on
        else say("forecasts no longer count for the machines of {pool}", pool=pool)
    )
    done = (
        say("Its plan now looks ahead as far as a machine needs to start.")
        if gate.is_on
        else say("Its plan goes by what is measured alone, until they have proven themselves anew.")
    )
    return Alert(
        f"prediction:{pool}:{'on' if gate.is_on else 'off'}:{int(now)}",
        "scaling",
        Severity.INFO,
        title,
        (gate.reason, done),
        "/demand",
        target=pool,
    )
