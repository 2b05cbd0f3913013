"""What can have a price, and what is paid where it has none of its own."""

from __future__ import annotations

TOKENS = 1_000_000
PER = {
    **dict.fromkeys(
        (
            *("input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h"),
            *("audio_input", "image_input", "video_input", "cache_read_audio", "cache_read_image"),
            *("output", "reasoning", "citation", "audio_output", "image_output", "video_output"),
            "characters",
        ),
        TOKENS,
    ),
    "pixels": 1_000_000_000,
    "audio_seconds": 3_600,
}
"""So many of it a rate is for; a rate of what is not in here is for one."""
PARENT = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_5m": "cache_write",
    "cache_write_1h": "cache_write",
    "audio_input": "input",
    "image_input": "input",
    "video_input": "input",
    "cache_read_audio": "cache_read",
    "cache_read_image": "cache_read",
    "reasoning": "output",
    "citation": "output",
    "audio_output": "output",
    "image_output": "output",
    "video_output": "output",
}
"""What has no price of its own is paid as its parent is; what has no parent either is free."""
PARTS = {
    "audio_output": "output",
    "image_output": "output",
    "video_output": "output",
    "citation": "output",
    "video_input": "image_input",
    "cache_read_audio": "cache_read",
    "cache_read_image": "cache_read",
}
"""Counted within another meter as well, so its count comes off there."""
TEXT = ("input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h")
AUDIO = ("audio_input", "cache_read_audio")
MEDIA = ("image_input", "video_input", "cache_read_image")
MADE = ("output", "reasoning", "citation", "audio_output", "image_output", "video_output")
SCALE = 9_000_000_000
"""Divisible by every number in PER, so that sums stay whole until the last step."""
WEIGHTS = {meter: SCALE // per for meter, per in PER.items()}


def weight(meter: str) -> int:
    """What a count times a rate is multiplied by, so that all can be added."""
    return WEIGHTS.get(meter, SCALE)
