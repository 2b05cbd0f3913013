"""What keeps Streamlit shut stands in the file that ships, not in its defaults of today."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_streamlit_is_told_what_it_may_not():
    told = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    server = told["server"]

    assert server["address"] == "127.0.0.1"
    assert server["allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert server["enableCORS"] is True
    assert server["enableXsrfProtection"] is True
    assert server["enableAgentApi"] is False
    assert "trustedUserHeaders" not in server
    assert told["client"]["showErrorDetails"] == "none"
    assert told["browser"]["gatherUsageStats"] is False
