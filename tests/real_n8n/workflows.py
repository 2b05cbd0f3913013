"""The four workflows of the proof, and some more, as the public API takes them."""

from itertools import pairwise

FAILURE = "Video 4711 has no audio track"


def succeeds(path: str = "good") -> dict:
    return _workflow("Subtitles 자막 🎬", path, _node("Done", "noOp"))


def fails(path: str = "bad") -> dict:
    stop = _node("Check the audio", "stopAndError", errorMessage=FAILURE)
    return _workflow("Thumbnails", path, stop)


def falls_silent(path: str = "regular") -> dict:
    """Called at a steady beat, until nobody calls it any more."""
    return _workflow("Every hour", path, _node("Done", "noOp"))


def hangs(url: str, path: str = "stuck") -> dict:
    """Asks a machine that takes the request, and from some time on never answers."""
    ask = _node("Ask the GPU", "httpRequest", 4.2, url=url, options={"timeout": 3_600_000})
    return _workflow('Upscale "4K" <b>', path, ask)


def waits(path: str = "later") -> dict:
    """Over 65 s of waiting, n8n puts the execution down in its database."""
    wait = _node("Tomorrow", "wait", 1.1, amount=10, unit="hours")
    return _workflow("Waits for tomorrow", path, wait)


def leaves_no_trace(path: str = "unsaved") -> dict:
    """Successes are not saved: the settings of whoever wants a small database."""
    workflow = _workflow("Leaves no trace", path, _node("Done", "noOp"))
    workflow["settings"]["saveDataSuccessExecution"] = "none"
    return workflow


def _workflow(name: str, path: str, *nodes: dict) -> dict:
    hook = _node("Webhook", "webhook", 2, httpMethod="POST", path=path, responseMode="onReceived")
    return _chain(name, {**hook, "webhookId": path}, *nodes)


def _chain(name: str, *nodes: dict) -> dict:
    placed = [{**node, "position": [220 * at, 0]} for at, node in enumerate(nodes)]
    following = {
        one["name"]: {"main": [[{"node": two["name"], "type": "main", "index": 0}]]}
        for one, two in pairwise(nodes)
    }
    settings = {"executionOrder": "v1", "saveDataErrorExecution": "all"}
    return {"name": name, "nodes": placed, "connections": following, "settings": settings}


def _node(name: str, kind: str, version: float = 1, **parameters: object) -> dict:
    return {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "type": f"n8n-nodes-base.{kind}",
        "typeVersion": version,
        "parameters": parameters,
    }
