"""The upstream stand-in as Anthropic and as Gemini.

Shapes of the packages anthropic 2.12.0 and google-genai 3.4.0.
"""

import json
import re
from collections.abc import Iterator

from tests.standins.upstream_wire import Speaker, event

VIDEO_TOKENS_SECOND, SOUND_TOKENS_SECOND = 258, 32


class Messages(Speaker):
    def __init__(self, body) -> None:
        super().__init__(body, body["max_tokens"])
        self.thoughts = 0
        self.written = {"written_5m": 0, "written_1h": 0}
        if "cache_control" in json.dumps(body):
            kept = "written_1h" if '"1h"' in json.dumps(body) else "written_5m"
            self.written[kept] = self.prompt // 4

    def counts(self, answer: str) -> dict[str, int]:
        fresh = self.prompt - self.cached - sum(self.written.values())
        made = {"cached": self.cached, "output": self.made(answer), **self.written}
        return {"input": fresh, **made}

    def usage(self, answer: str):
        counts = self.counts(answer)
        return {
            "input_tokens": counts["input"],
            "cache_read_input_tokens": self.cached,
            "cache_creation_input_tokens": sum(self.written.values()),
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written["written_5m"],
                "ephemeral_1h_input_tokens": self.written["written_1h"],
            },
            "output_tokens": counts["output"],
            "service_tier": "standard",
        }

    def body(self):
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [{"type": "text", "text": self.answer}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": self.usage(self.answer),
        }

    def events(self) -> Iterator[tuple[bytes, int]]:
        begun = {**self.body(), "content": [], "stop_reason": None, "usage": self.usage("a")}
        yield self._event("message_start", message=begun), 0
        block = {"type": "text", "text": ""}
        yield self._event("content_block_start", index=0, content_block=block), 0
        for number, piece in enumerate(self.tokens(), 1):
            delta = {"type": "text_delta", "text": piece}
            yield self._event("content_block_delta", index=0, delta=delta), number
        yield self._event("content_block_stop", index=0), 0
        # Twice, and cumulative: whoever sums them counts too much.
        half = {"output_tokens": 1}
        stop = {"stop_reason": "end_turn", "stop_sequence": None}
        yield self._event("message_delta", delta={}, usage=half), 0
        yield self._event("message_delta", delta=stop, usage=self.usage(self.answer)), 0
        yield self._event("message_stop"), 0

    def _event(self, kind: str, **told) -> bytes:
        return event({"type": kind, **told}, kind)


class Gemini(Speaker):
    def __init__(self, body, path: str) -> None:
        config = body.get("generationConfig") or {}
        model = re.search(r"models/([^:]+):", path).group(1)
        super().__init__({**body, "model": model}, config.get("maxOutputTokens"))
        self.streams = ":streamGenerateContent" in path
        self.video = "fileData" in json.dumps(body) or "file_data" in json.dumps(body)
        self.seconds = 12 if self.video else 0

    def counts(self, answer: str) -> dict[str, int]:
        heard = self.seconds * SOUND_TOKENS_SECOND
        seen = self.seconds * VIDEO_TOKENS_SECOND
        counts = super().counts(answer)
        return {**counts, "input": counts["input"] + seen, "audio": heard}

    def usage(self, answer: str):
        counts = self.counts(answer)
        heard, seen = counts["audio"], self.seconds * VIDEO_TOKENS_SECOND
        prompt = self.prompt + heard + seen
        made = -(-len(answer) // 4)
        return {
            "promptTokenCount": prompt,
            "cachedContentTokenCount": self.cached,
            "candidatesTokenCount": made,
            "thoughtsTokenCount": self.thoughts,
            "totalTokenCount": prompt + made + self.thoughts,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": self.prompt},
                {"modality": "VIDEO", "tokenCount": seen},
                {"modality": "AUDIO", "tokenCount": heard},
            ],
        }

    def body(self):
        return self._shape(self.answer, self.answer, "STOP")

    def events(self) -> Iterator[tuple[bytes, int]]:
        pieces = self.tokens()
        for number, piece in enumerate(pieces, 1):
            reason = "STOP" if number == len(pieces) else None
            yield event(self._shape(piece, "".join(pieces[:number]), reason)), number

    def _shape(self, text: str, so_far: str, reason: str | None):
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
        if reason:
            candidate["finishReason"] = reason
        told = {"usageMetadata": self.usage(so_far), "modelVersion": self.model}
        return {"candidates": [candidate], **told}
