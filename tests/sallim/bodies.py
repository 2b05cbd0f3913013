"""Bodies and streams in the shape of the wire, reduced to what tells usage.

They are written by hand, not recorded: names of fields are those of the packages openai 3.57.0,
anthropic 2.14.0 and google-genai 3.6.1, and of the documentation of DeepSeek, xAI and OpenRouter;
the numbers are made up, or those of an example in it.
"""

OPENAI_CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "message": {"role": "assistant"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "total_tokens": 2306,
        "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 64,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    },
    "service_tier": "default",
}
OPENAI_RESPONSES = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "gpt-6-astra",
    "output": [
        {"type": "reasoning"},
        {"type": "web_search_call"},
        {"type": "web_search_call"},
        {"type": "message"},
    ],
    "usage": {
        "input_tokens": 5000,
        "input_tokens_details": {
            "cached_tokens": 2048,
            "cache_write_tokens": 1024,
            "cache_write_tokens_details": {"ttl_30m_tokens": 1000, "ttl_12h_tokens": 24},
        },
        "output_tokens": 700,
        "output_tokens_details": {"reasoning_tokens": 512},
        "total_tokens": 5700,
    },
    "service_tier": "flex",
}
OPENAI_EMBEDDINGS = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0}],
    "model": "text-embedding-3-small",
    "usage": {"prompt_tokens": 8, "total_tokens": 8},
}
OPENAI_TRANSCRIPTION = {
    "text": "...",
    "usage": {
        "type": "tokens",
        "input_tokens": 114,
        "input_token_details": {"text_tokens": 14, "audio_tokens": 100},
        "output_tokens": 45,
        "total_tokens": 159,
    },
}
OPENAI_WHISPER = {"text": "...", "usage": {"type": "duration", "seconds": 8.47}}
DEEPSEEK_CHAT = {
    "model": "deepseek-v4-flash",
    "choices": [{"index": 0, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "total_tokens": 1200,
        "prompt_cache_hit_tokens": 600,
        "prompt_cache_miss_tokens": 400,
    },
}
XAI_CHAT = {
    "model": "grok-4",
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 115,
        "completion_tokens_details": {"reasoning_tokens": 100},
    },
}
ANTHROPIC = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-haiku-4-5-20251001",
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 21,
        "cache_creation_input_tokens": 900,
        "cache_creation": {"ephemeral_5m_input_tokens": 556, "ephemeral_1h_input_tokens": 344},
        "cache_read_input_tokens": 18_000,
        "output_tokens": 393,
        "output_tokens_details": {"thinking_tokens": 100},
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
        "service_tier": "standard",
    },
}
GEMINI = {
    "candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}],
    "usageMetadata": {
        "promptTokenCount": 5000,
        "cachedContentTokenCount": 4000,
        "candidatesTokenCount": 120,
        "thoughtsTokenCount": 380,
        "totalTokenCount": 5500,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 1000},
            {"modality": "VIDEO", "tokenCount": 4000},
        ],
        "cacheTokensDetails": [{"modality": "VIDEO", "tokenCount": 4000}],
    },
    "modelVersion": "gemini-2.5-flash",
}
OPENROUTER = {
    "id": "gen-1",
    "model": "google/gemini-2.5-flash",
    "provider": "Google",
    "choices": [{"index": 0, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 194,
        "completion_tokens": 2,
        "total_tokens": 196,
        "cost": 0.0000632,
        "is_byok": False,
        "cost_details": {"upstream_inference_cost": None},
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    },
}

CHAT_STREAM = [
    {"model": "gpt-5-mini-2025-08-07", "choices": [{"delta": {"role": "assistant"}}]},
    {"model": "gpt-5-mini-2025-08-07", "choices": [{"delta": {"content": "Hi"}}], "usage": None},
    {"model": "gpt-5-mini-2025-08-07", "choices": [{"delta": {}, "finish_reason": "stop"}]},
    {
        "model": "gpt-5-mini-2025-08-07",
        "service_tier": "default",
        "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
    },
]
RESPONSES_STREAM = [
    {"type": "response.created", "response": {"model": "gpt-6-astra", "usage": None}},
    {"type": "response.output_text.delta", "delta": "Hi"},
    {"type": "response.completed", "response": OPENAI_RESPONSES},
]
ANTHROPIC_STREAM = [
    {
        "type": "message_start",
        "message": {
            "model": "claude-haiku-4-5-20251001",
            "usage": {
                "input_tokens": 25,
                "cache_read_input_tokens": 100,
                "cache_creation_input_tokens": 0,
                "output_tokens": 1,
                "service_tier": "standard",
            },
        },
    },
    {"type": "ping"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
    {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 9}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}},
    {"type": "message_stop"},
]
GEMINI_STREAM = [
    {
        "candidates": [{"content": {"parts": [{"text": "Hi"}]}}],
        "usageMetadata": {"promptTokenCount": 50, "totalTokenCount": 50},
        "modelVersion": "gemini-2.5-pro",
    },
    {
        "candidates": [{"content": {"parts": [{"text": "!"}]}, "finishReason": "STOP"}],
        "usageMetadata": {
            "promptTokenCount": 50,
            "candidatesTokenCount": 7,
            "thoughtsTokenCount": 30,
            "totalTokenCount": 87,
        },
        "modelVersion": "gemini-2.5-pro",
    },
]
