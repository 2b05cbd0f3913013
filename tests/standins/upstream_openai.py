"""The upstream stand-in as OpenAI; shapes of the package openai 3.54.0."""

import re
import struct
from collections.abc import Iterator

from tests.standins.upstream_wire import Speaker, event


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
