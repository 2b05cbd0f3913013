"""Usage out of a stream, event by event.

What providers send along is cumulative: the last wins, and nothing is ever summed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallim.usage.counting import Usage, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LAST_RESPONSE = ("response.completed", "response.incomplete", "response.failed")


class StreamUsage:
    """Feed it each event of one stream, parsed; it keeps nothing of the texts.

    `usage` is what was told so far, None before. `ended` is whether that is the whole: a stream
    that was cut has told too little, and is settled by an estimate.
    """

    def __init__(self, flavour: str) -> None:
        self._flavour = flavour
        self._known: dict[str, Any] = {}
        self._queries: list[object] = []
        self.ended = False

    @property
    def usage(self) -> Usage | None:
        from sallim.usage import usage_of

        return usage_of(self._flavour, self._known)

    def feed(self, event: Mapping[str, Any]) -> None:
        """Events that say nothing of usage are passed over; nothing in them raises."""
        if not isinstance(event, Mapping):
            return
        if self._flavour == "anthropic":
            self._feed_anthropic(event)
        elif self._flavour == "gemini":
            self._feed_gemini(event)
        elif self._flavour == "openai.responses":
            self._feed_responses(event)
        elif self._flavour == "openai.audio":
            self._feed_audio(event)
        else:
            self._feed_chat(event)

    def _feed_chat(self, event: Mapping[str, Any]) -> None:
        for name in ("model", "service_tier"):
            self._take(event, name)
        told = event.get("usage") or event.get("x_groq")
        if not isinstance(told, Mapping) or not (event.get("usage") or told.get("usage")):
            return
        self._known["usage"] = event.get("usage") or told["usage"]
        choices = items(event.get("choices"))
        # Some send the usage so far with every chunk: it is whole after the text, or with its end.
        if not choices or any(choice.get("finish_reason") for choice in choices):
            self.ended = True

    def _feed_responses(self, event: Mapping[str, Any]) -> None:
        response = event.get("response")
        if event.get("type") in LAST_RESPONSE and isinstance(response, Mapping):
            for name in ("model", "service_tier", "usage", "output"):
                self._take(response, name)
            self.ended = True

    def _feed_audio(self, event: Mapping[str, Any]) -> None:
        if event.get("type") == "transcript.text.done":
            self._take(event, "usage")
            self.ended = True

    def _feed_anthropic(self, event: Mapping[str, Any]) -> None:
        kind = event.get("type")
        message = event.get("message")
        if kind == "message_start" and isinstance(message, Mapping):
            self._take(message, "model")
            self._merge(message.get("usage"), "usage")
        elif kind == "message_delta":
            self._merge(event.get("usage"), "usage")
            delta = event.get("delta")
            self.ended |= isinstance(delta, Mapping) and bool(delta.get("stop_reason"))
        elif kind == "message_stop":
            self.ended = True

    def _feed_gemini(self, event: Mapping[str, Any]) -> None:
        self._take(event, "modelVersion")
        self._merge(event.get("usageMetadata"), "usageMetadata")
        candidates = items(event.get("candidates"))
        for candidate in candidates:
            grounding = candidate.get("groundingMetadata")
            if isinstance(grounding, Mapping) and isinstance(
                grounding.get("webSearchQueries"), list
            ):
                # Told again with more in it, so the longest is the whole.
                self._queries = max(self._queries, grounding["webSearchQueries"], key=len)
                self._known["candidates"] = [
                    {"groundingMetadata": {"webSearchQueries": self._queries}}
                ]
        blocked = event.get("promptFeedback")
        stopped = any(candidate.get("finishReason") for candidate in candidates)
        if stopped or (isinstance(blocked, Mapping) and blocked.get("blockReason")):
            self.ended = True

    def _take(self, shape: Mapping[str, Any], name: str) -> None:
        if shape.get(name) is not None:
            self._known[name] = shape[name]

    def _merge(self, told: object, name: str) -> None:
        """Number by number: a later event may leave out what an earlier one has told.

        Proxies repeat what they do not know as zero, and a total never falls.
        """
        if told is None:
            return
        if not isinstance(told, Mapping):
            self._known[name] = told
            return
        known = self._known.get(name)
        merged = dict(known) if isinstance(known, Mapping) else {}
        for key, value in told.items():
            if value is not None and not (value == 0 and merged.get(key)):
                merged[key] = value
        self._known[name] = merged
