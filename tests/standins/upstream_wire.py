"""What the upstream stand-in says in each of the wire formats.

Shapes of the packages openai 3.54.0, anthropic 2.12.0 and google-genai 3.4.0.
"""

import json
import re
import struct
from collections.abc import Iterator

CACHED_FROM = 1_200
"""A prompt of so many tokens is read from a cache by half."""
VIDEO_TOKENS_SECOND, SOUND_TOKENS_SECOND = 258, 32
WORDS = "살림 keeps the house. "


def line(provider: str, model: str, counts: dict[str, int]):
    from tests.standins.upstream import Line

    return Line(provider, model, counts)


def tokens_of(body) -> int:
    """Of the text alone: a token for four bytes, rounded up."""
    return -(-sum(len(text.encode()) for text in _texts(body)) // 4)


def _texts(value) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("data", "model", "type", "role", "url"):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def event(shape, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    text = shape if isinstance(shape, str) else json.dumps(shape, ensure_ascii=False)
    return f"{head}data: {text}\n\n".encode()


class Speaker:
    """One answer. `answer` has four bytes a token; `thoughts` are made beside it."""

    plain = None
    tells_usage = True

    def __init__(self, body, most: int | None) -> None:
        self.asked = body
        self.model = body.get("model", "")
        self.streams = bool(body.get("stream"))
        sent = body.get("messages") or body.get("input") or body.get("contents")
        self.prompt = tokens_of([sent, body.get("system"), body.get("tools")])
        self.cached = self.prompt // 2 if self.prompt >= CACHED_FROM else 0
        made = 8 + self.prompt % 40
        made = made if most is None else min(made, most)
        self.thoughts = made // 3 if "5" in self.model else 0
        text = (WORDS * made).encode("ascii", "replace").decode()
        self.answer = text[: 4 * (made - self.thoughts)]

    def counts(self, answer: str) -> dict[str, int]:
        return {
            "input": self.prompt - self.cached,
            "cached": self.cached,
            "output": self.made(answer),
        }

    def made(self, answer: str) -> int:
        return -(-len(answer) // 4) + self.thoughts

    def tokens(self) -> list[str]:
        return [self.answer[at : at + 4] for at in range(0, len(self.answer), 4)]


class Chat(Speaker):
    def __init__(self, body) -> None:
        super().__init__(body, body.get("max_completion_tokens") or body.get("max_tokens"))

    def usage(self):
        made = self.made(self.answer)
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": made,
            "total_tokens": self.prompt + made,
            "prompt_tokens_details": {"cached_tokens": self.cached},
            "completion_tokens_details": {"reasoning_tokens": self.thoughts},
        }

    def body(self):
        message = {"role": "assistant", "content": self.answer}
        shape = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": self.model,
            "service_tier": "default",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }
        return {**shape, "usage": self.usage()} if self.tells_usage else shape

    def events(self) -> Iterator[tuple[bytes, int]]:
        asked = (self.asked.get("stream_options") or {}).get("include_usage")
        asked = asked and self.tells_usage
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": self.model}
        if asked:
            head["usage"] = None
        for number, piece in enumerate(self.tokens(), 1):
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            yield event({**head, "choices": [choice]}), number
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield event({**head, "choices": [last]}), 0
        if asked:
            told = {"usage": self.usage(), "service_tier": "default", "choices": []}
            yield event({**head, **told}), 0
        yield event("[DONE]"), 0


class Responses(Speaker):
    def __init__(self, body) -> None:
        super().__init__(body, body.get("max_output_tokens"))

    def body(self):
        made = self.made(self.answer)
        text = {"type": "output_text", "text": self.answer, "annotations": []}
        message = {"type": "message", "id": "m", "role": "assistant", "status": "completed"}
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "model": self.model,
            "status": "completed",
            "service_tier": "default",
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "output": [{**message, "content": [text]}],
            "usage": {
                "input_tokens": self.prompt,
                "input_tokens_details": {"cached_tokens": self.cached},
                "output_tokens": made,
                "output_tokens_details": {"reasoning_tokens": self.thoughts},
                "total_tokens": self.prompt + made,
            },
        }

    def events(self) -> Iterator[tuple[bytes, int]]:
        begun = {**self.body(), "status": "in_progress", "output": [], "usage": None}
        yield self._event("response.created", 0, response=begun), 0
        item = {"type": "message", "id": "m", "role": "assistant", "status": "in_progress"}
        at = {"output_index": 0, "content_index": 0, "item_id": "m"}
        part = {"type": "output_text", "text": "", "annotations": []}
        added = {**item, "content": []}
        yield self._event("response.output_item.added", 0, output_index=0, item=added), 0
        yield self._event("response.content_part.added", 0, **at, part=part), 0
        for number, piece in enumerate(self.tokens(), 1):
            told = {"item_id": "m", "output_index": 0, "content_index": 0, "logprobs": []}
            yield self._event("response.output_text.delta", number, **told, delta=piece), number
        yield self._event("response.completed", 0, response=self.body()), 0

    def _event(self, kind: str, number: int, **told) -> bytes:
        return event({"type": kind, "sequence_number": number, **told}, kind)


class Embeddings(Speaker):
    def __init__(self, body) -> None:
        super().__init__(body, 0)

    def counts(self, answer: str) -> dict[str, int]:
        return {"input": self.prompt}

    def body(self):
        data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
        usage = {"prompt_tokens": self.prompt, "total_tokens": self.prompt}
        return {"object": "list", "data": data, "model": self.model, "usage": usage}


class Transcript(Speaker):
    """By the seconds of a WAV file, as whisper-1 is billed."""

    def __init__(self, content: bytes) -> None:
        model = re.search(rb'name="model"\r\n\r\n([^\r]+)', content).group(1).decode()
        super().__init__({"model": model}, 0)
        at = content.index(b"RIFF")
        rate = struct.unpack_from("<I", content, at + 28)[0]
        size = struct.unpack_from("<I", content, content.index(b"data", at) + 4)[0]
        self.seconds = -(-size // rate)
        kind = re.search(rb'name="response_format"\r\n\r\n([^\r]+)', content)
        if kind and kind.group(1) == b"text":
            self.plain = "hello\n"

    def counts(self, answer: str) -> dict[str, int]:
        return {"seconds": self.seconds}

    def body(self):
        return {"text": "hello", "usage": {"type": "duration", "seconds": self.seconds}}


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


def speaker(provider: str, path: str, body, headers, content: bytes) -> Speaker:
    if provider == "google":
        return Gemini(body, path)
    if provider == "anthropic":
        return Messages(body)
    kinds = {"completions": Chat, "responses": Responses, "embeddings": Embeddings}
    last = path.rpartition("/")[2]
    return Transcript(content) if last in ("transcriptions", "translations") else kinds[last](body)
