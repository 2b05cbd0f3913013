"""What holds everything up: the report on a span, out of what the store knows of it."""

from models.bottlenecks.findings import findings_of
from models.bottlenecks.inputs import Inputs
from models.bottlenecks.pipelines import pipelines_of
from models.bottlenecks.resources import resources_of
from models.bottlenecks.shapes import Report
from models.bottlenecks.slowdowns import slowdowns_of


def bottlenecks(inputs: Inputs) -> Report:
    """Pure: the same inputs give the same report."""
    pipelines = pipelines_of(inputs)
    slowdowns = slowdowns_of(inputs)
    return Report(
        since=inputs.since,
        until=inputs.until,
        pipelines=pipelines,
        findings=findings_of(inputs, pipelines, slowdowns),
        slowdowns=slowdowns,
        resources=resources_of(inputs.strains, inputs.errors),
        notes=tuple(note for pipeline in pipelines for note in pipeline.notes),
    )
