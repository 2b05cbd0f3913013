"""`[prepaid]`: when too little is left of money that was paid ahead to a provider."""

from pydantic import Field

from models.settings.section import Section


class PrepaidRule(Section):
    warn_days: float = Field(
        default=7, ge=0, le=365, description="Warn when what is left lasts fewer days than this"
    )
    floor_krw: int = Field(
        default=1000,
        ge=0,
        le=100_000_000,
        description="Warn when less is left, whatever the currency; 0: never for that",
    )
