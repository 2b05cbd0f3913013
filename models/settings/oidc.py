"""`[oidc]`: an identity provider that vouches for people, beside the links."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from models.messages import say
from models.settings.addresses import is_near, web_address
from models.settings.rules import Wrong
from models.settings.section import SecretName, Section, secret_of


def issuer_address(url: str) -> str:
    """Raises Wrong unless empty, https://, or http:// within a private network."""
    if not url:
        return url
    web_address(url)
    if "?" in url or not (url.startswith("https://") or is_near(url)):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the https:// address that the provider calls "
                'its issuer, for example "https://accounts.google.com"'
            )
        )
    return url


class Oidc(Section):
    name: str = Field(
        default="OpenID",
        min_length=1,
        max_length=40,
        description="What stands on the button of the sign-in page, like `Google`",
        json_schema_extra={"limits": "1 to 40 characters"},
    )
    issuer: Annotated[str, AfterValidator(issuer_address)] = Field(
        default="",
        description="Address of the provider, as it stands in its tokens; empty: links alone",
        json_schema_extra={"limits": "https://, or http:// in a private network"},
    )
    client_id: str = Field(
        default="",
        max_length=300,
        description="What the provider calls this app; its redirect address is the app's own with "
        "/signin/oidc/back behind it",
        json_schema_extra={"limits": "at most 300 characters"},
    )
    client_secret: SecretName = secret_of("OIDC_CLIENT_SECRET", "the secret of this client")

    @model_validator(mode="after")
    def _knows_whose_tokens_are_meant(self) -> Self:
        """Raises Wrong: without a client, the tokens of every other app would be good."""
        if self.issuer and not self.client_id:
            raise Wrong(
                say(
                    "{where}: {key} is empty; write what the provider calls this app, for example "
                    'client_id = "sallim"'
                ),
                ("client_id",),
            )
        return self
