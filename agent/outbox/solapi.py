"""Korean text messages by Solapi, as a plugin of Apprise: `solapi://KEY:SECRET@FROM/TO/TO2`.

After https://developers.solapi.com/references/authentication/api-key (the header) and
https://developers.solapi.com/references/messages/sendSimpleMessage (`/messages/v4/send`): signed
is the moment followed by a salt, and each signature is good for one request within 15 minutes.
Solapi chooses SMS or LMS by the length of the text.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Any

import requests
from apprise.common import NotifyType
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.base import NotifyBase

DIGITS_MIN, DIGITS_MAX = 8, 14
LMS_CHARACTERS = 900
"""2,000 bytes in EUC-KR, of which each Korean character takes two."""


def authorization(key: str, secret: str, moment: str, salt: str) -> str:
    """The header of one request.

    >>> authorization("test-key", "test-secret", "2026-10-08T00:00:00.000Z", "abc123")[-12:]
    'e5dc0dac1ac7'
    """
    signature = hmac.new(secret.encode(), (moment + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={key}, date={moment}, salt={salt}, signature={signature}"


class NotifySolapi(NotifyBase):
    # `Any`: the base class has None there.
    service_name: Any = "Solapi"
    service_url: Any = "https://solapi.com/"
    secure_protocol: Any = "solapi"
    setup_url: Any = "https://console.solapi.com/credentials"
    notify_url = "https://api.solapi.com/messages/v4/send"
    title_maxlen = 0
    body_maxlen = LMS_CHARACTERS
    templates: Any = ("{schema}://{user}:{password}@{host}/{targets}",)

    def __init__(self, targets: list[str], **settings: Any) -> None:
        super().__init__(**settings)
        self.key, self.secret = self.user or "", self.password or ""
        self.sender = _digits(self.host)
        self.targets = [number for number in map(_digits, targets) if number]
        if not (self.key and self.secret and self.sender and self.targets):
            raise AppriseImproperlyConfigured("solapi://KEY:SECRET@FROM/TO")

    def send(
        self,
        body: str,
        title: str = "",  # noqa: ARG002  It stands in the body, since a text has none.
        notify_type: NotifyType = NotifyType.INFO,  # noqa: ARG002
        **_more: Any,
    ) -> bool:
        # Each is tried, also behind one that failed.
        sent = [self._send_to(number, body) for number in self.targets]
        return all(sent)

    def _send_to(self, number: str, text: str) -> bool:
        if self.is_delivered(number):
            return True
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        signed = authorization(self.key, self.secret, moment, secrets.token_hex(16))
        message = {"to": number, "from": self.sender, "text": text}
        try:
            answer = requests.post(
                self.notify_url,
                json={"message": message},
                headers={"Authorization": signed, "User-Agent": self.app_id},
                timeout=self.request_timeout,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        if answer.status_code != requests.codes.ok:
            return False
        self.mark_delivered(number)
        return True

    def __len__(self) -> int:
        return len(self.targets)

    def url(self, privacy: bool = False, *_more: Any, **_options: Any) -> str:
        """Apprise compares channels by it; with `privacy` it holds no secret."""
        secret = "****" if privacy else self.quote(self.secret, safe="")
        targets = "/".join(self.targets)
        return f"solapi://{self.quote(self.key, safe='')}:{secret}@{self.sender}/{targets}"

    @staticmethod
    def parse_url(url: str, *_more: Any, **_options: Any) -> dict[str, Any] | None:
        found: dict[str, Any] | None = NotifyBase.parse_url(url, verify_host=False)
        if found is not None:
            found["targets"] = NotifyBase.split_path(found["fullpath"])
        return found


def _digits(number: str) -> str:
    """Without dashes; "" for what is no number."""
    bare = number.replace("-", "").replace(" ", "")
    return bare if bare.isdecimal() and DIGITS_MIN <= len(bare) <= DIGITS_MAX else ""
