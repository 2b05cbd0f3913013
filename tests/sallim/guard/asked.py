"""What the tests ask for, as the official SDKs and the wire take it."""

CHAT = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "살림이란 무엇인가?"}]}
MESSAGE = {
    "model": "claude-haiku-4-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "What keeps a house?"}],
}
GEMINI = {"model": "gemini-2.5-flash", "contents": "What keeps a house?"}
