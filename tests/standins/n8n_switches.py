"""What of the stand-in's public API stops and starts things: since 2.20 runs are stopped by one
request for many; before, each by its id.
"""

UNDER_WAY = ("running", "waiting", "new")
NAMES = {"queued": "new", "running": "running", "waiting": "waiting"}


def switched(n8n, allow, parts, wanted):
    """The workflow, the execution or the count that the answer tells; None where nothing is found.

    `allow` takes the scope that is needed.
    """
    match parts:
        case ["workflows", workflow_id, "activate" | "deactivate" as verb]:
            allow(f"workflow:{verb}")
            workflow = n8n.workflows.get(workflow_id)
            if workflow is not None:
                workflow.active = verb == "activate"
            return workflow
        case ["executions", "stop"] if n8n.numbers >= (2, 20):
            allow("execution:stop")
            return _stop_many(n8n, wanted)
        case ["executions", execution_id, "stop"]:
            allow("execution:stop")
            execution = n8n.executions.get(execution_id)
            if execution is None or execution.status not in UNDER_WAY:
                return None
            n8n.finish(execution_id, "canceled")
            return execution
    return None


def _stop_many(n8n, wanted):
    statuses = {NAMES[status] for status in wanted["status"]}
    runs = [
        run
        for run in n8n.executions.values()
        if run.status in statuses and wanted.get("workflowId", run.workflow_id) == run.workflow_id
    ]
    for run in runs:
        n8n.finish(run.id, "canceled")
    return {"stopped": len(runs)}
