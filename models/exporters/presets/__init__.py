"""The exporters that are known by name, one file each."""

from models.exporters.preset import Preset
from models.exporters.presets import dcgm, haproxy, n8n, node_exporter, tgi, triton, vllm

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        node_exporter.PRESET,
        dcgm.PRESET,
        vllm.PRESET,
        tgi.PRESET,
        triton.PRESET,
        n8n.PRESET,
        haproxy.PRESET,
    )
}


def recognised(body: bytes) -> Preset | None:
    r"""The kind of exporter that this is an answer of, if it is one that is known.

    >>> recognised(b"# HELP tgi_queue_size x\ntgi_queue_size 0\n").name
    'tgi'
    >>> recognised(b"up 1\\n")
    """
    lines = b"\n" + body
    return next(
        (preset for preset in PRESETS.values() if f"\n{preset.mark}".encode() in lines), None
    )
