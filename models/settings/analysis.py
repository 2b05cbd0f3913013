"""`[[analysis]]`: runs of an n8n workflow that count as runs of an analysis."""

from pydantic import Field

from models.settings.section import Instance, Section, instance


class Analysis(Section):
    name: Instance = instance("the analysis")
    n8n: Instance = Field(
        default="main",
        description="Name of the [[n8n]] that runs it",
        json_schema_extra={"limits": "a name of a [[n8n]]"},
    )
    workflow: str = Field(
        default="",
        max_length=128,
        description="Name or id of the workflow; empty: the one that is named like the analysis",
        json_schema_extra={"limits": "at most 128 characters"},
    )
    stage: str = Field(
        default="",
        max_length=40,
        description="Stage of the analysis that the workflow is; empty: the whole of it",
        json_schema_extra={"limits": "at most 40 characters"},
    )
    key_field: str = Field(
        default="",
        max_length=128,
        description="Field of a failed run's first input that names what was analysed, as "
        "`body.video`; empty: the id of the run",
        json_schema_extra={"limits": "at most 128 characters"},
    )
