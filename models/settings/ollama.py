"""`[[ollama]]`: one Ollama."""

from typing import Annotated

from pydantic import AfterValidator, Field

from models.settings.addresses import web_address
from models.settings.section import Instance, Section, instance, interval, series, timeout


class Ollama(Section):
    name: Instance = instance("this Ollama")
    url: Annotated[str, AfterValidator(web_address)] = Field(
        default="http://127.0.0.1:11434",
        description="Where it answers",
        json_schema_extra={"limits": "http:// or https://"},
    )
    interval_seconds: float = interval(30)
    timeout_seconds: float = timeout(3)
    series_max: int = series(100)
