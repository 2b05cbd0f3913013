"""What n8n's refusals mean, and what a person does about each."""

from collections.abc import Mapping

from agent.collectors.n8n.client import API, Answer, Client, Params, content_of
from models.errors import SourceRefused
from models.messages import Message, say
from models.redaction import redact

SCOPES = ("execution:list", "execution:read", "workflow:list")
TOO_LONG = 413
"""Our own word for an answer that is longer than it may be."""

STATUS_TEXT_MAX = 200


class Refused(SourceRefused):
    """With the status, for whom it decides: 400 of an older n8n, 404 of what was pruned.

    0 where it was a page and so not n8n's own no.
    """

    def __init__(self, source: str, reason: Message, status: int) -> None:
        super().__init__(source, reason)
        self.status = status


class PublicApi:
    """Lists and single things of n8n's public API, as JSON."""

    def __init__(self, source: str, client: Client, key_name: str) -> None:
        self._source = source
        self._client = client
        self._key_name = key_name
        self.lacks: set[str] = set()
        """Scopes that the key did not have when they were last needed."""

    def content(
        self, path: str, scope: str, body_max_bytes: int, params: Params | None = None
    ) -> object:
        """Raises Refused with what to do, SourceUnreachable without a whole answer."""
        answer = self.answer(path, scope, body_max_bytes, params)
        try:
            return content_of(answer)
        except ValueError as error:
            status = TOO_LONG if answer.was_cut else 0
            raise Refused(self._source, self._not_json(path, answer), status) from error

    def answer(
        self, path: str, scope: str, body_max_bytes: int, params: Params | None = None
    ) -> Answer:
        """The same, unread: it may have been cut."""
        answer = self._client.api(path, body_max_bytes, params)
        if answer.status == 403:
            self.lacks.add(scope)
        if answer.status == 200:
            self.lacks.discard(scope)
        else:
            # n8n says in JSON that a thing is missing; a page says that it is not n8n's API at all.
            status = 0 if answer.is_html else answer.status
            raise Refused(self._source, self._reason(path, scope, answer), status)
        return answer

    def _reason(self, path: str, scope: str, answer: Answer) -> Message:
        if answer.status == 401:
            return say(
                "n8n refuses the key in {key} (401); make a new one in n8n under Settings > n8n "
                "API with the scopes {scopes}, and give it to the agent; if the key is right, "
                "n8n may run with N8N_PUBLIC_API_DISABLED=true",
                key=self._key_name,
                scopes=", ".join(SCOPES),
            )
        if answer.status == 403:
            return say(
                "the key in {key} lacks the scope {scope} (403); give it to the key in n8n under "
                "Settings > n8n API",
                key=self._key_name,
                scope=scope,
            )
        if answer.status == 404 and answer.is_html:
            return say(
                "n8n has no public API at {url} (404); start n8n without N8N_PUBLIC_API_DISABLED "
                "and N8N_PUBLIC_API_ENDPOINT",
                url=self._client.base + API,
            )
        return say(
            "n8n answers {status} at {path}: {text}",
            status=answer.status,
            path=API + path,
            text=said_by(answer),
        )

    def _not_json(self, path: str, answer: Answer) -> Message:
        if answer.was_cut:
            return say("the answer at {path} is too long to be n8n's", path=API + path)
        return say(
            "{url} answers, but not as n8n does; does something stand before n8n that asks for a "
            "sign-in? Set url to where n8n itself answers",
            url=self._client.base + API + path,
        )


def said_by(answer: Answer) -> str:
    """What n8n says about a refusal; nothing where it is a page."""
    if answer.is_html or answer.was_cut:
        return "-"
    try:
        content = content_of(answer)
    except ValueError:
        return "-"
    message = content.get("message") if isinstance(content, Mapping) else None
    return redact(message)[:STATUS_TEXT_MAX] if isinstance(message, str) else "-"
