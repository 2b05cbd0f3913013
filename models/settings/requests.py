"""`[requests]`: how far a person may go with one request."""

from pydantic import Field

from models.settings.section import Section


class Requests(Section):
    """Whoever changes these lines decides how much an emergency may cost."""

    raise_percent_max: int = Field(
        default=50, ge=0, le=300, description="Part of a cap by which raises may lift it together"
    )
    raises_max: int = Field(
        default=3, ge=0, le=100, description="Raises and releases of one bucket in a month"
    )
    quiet_days_max: int = Field(
        default=7, ge=1, le=7, description="The longest that a silence or a pause may last"
    )
