"""What the doctor says of how people get in."""

from agent.checks.signin import signin
from models.settings import Settings
from models.settings.problems import settings_of

OIDC = '[oidc]\nname = "Google"\nissuer = "https://accounts.google.com"\nclient_id = "x"\n'


def told(text: str, **environ: str) -> tuple[str, str]:
    [finding] = signin(settings_of(text, "sallim.toml"), environ)
    return finding.level.value, str(finding.text)


def test_links_are_all_that_is_needed():
    assert told("") == ("ok", "by links to http://127.0.0.1:8501")
    assert signin(Settings(demo=True), {})[0].level.value == "absent"


def test_a_provider_needs_its_secret():
    level, text = told(OIDC)
    assert level == "problem"
    assert "OIDC_CLIENT_SECRET is not set" in text
    assert told(OIDC, OIDC_CLIENT_SECRET="s" * 20)[1].endswith(", and by Google")
    assert told(OIDC + 'client_secret = ""\n')[0] == "ok"
