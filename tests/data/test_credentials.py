"""Secrets are found where the owner put them, and shown nowhere."""

import dataclasses
import os
import traceback

import pytest

from data.credentials import Secret, secret
from models.errors import ConfigError
from models.redaction import redact

VALUE = "canary-0123456789-abcdefgh-tail"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "credentials").mkdir()
    return tmp_path / "credentials"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "key"
    path.write_text(f"{VALUE}\n")
    path.chmod(0o600)
    return path


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as refused:
        secret("N8N_API_KEY", environ)
    return str(refused.value)


@pytest.mark.parametrize("name", ["n8n_api_key", "N8N_API_KEY"])
def test_a_credential_of_systemd_comes_first(folder, file, name):
    (folder / name).write_text("from-systemd\n")
    environ = {
        "CREDENTIALS_DIRECTORY": str(folder),
        "N8N_API_KEY": "from-environment",
        "N8N_API_KEY_FILE": str(file),
    }

    assert secret("N8N_API_KEY", environ) == "from-systemd"


def test_then_the_environment_then_the_file_that_it_names(folder, file):
    environ = {"CREDENTIALS_DIRECTORY": str(folder), "N8N_API_KEY_FILE": str(file)}

    assert secret("N8N_API_KEY", {**environ, "N8N_API_KEY": "direct"}) == "direct"
    assert secret("N8N_API_KEY", environ) == VALUE
    assert secret("N8N_API_KEY", {**environ, "N8N_API_KEY": ""}) == VALUE


def test_a_credential_may_have_any_mode_because_systemd_guards_its_folder(folder):
    (folder / "n8n_api_key").write_text(VALUE)
    (folder / "n8n_api_key").chmod(0o644)

    assert secret("N8N_API_KEY", {"CREDENTIALS_DIRECTORY": str(folder)}) == VALUE


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601, 0o777])
def test_a_file_that_others_may_open_is_refused(file, mode):
    file.chmod(mode)

    assert refusal({"N8N_API_KEY_FILE": str(file)}) == (
        f"others may read {file}, the file of N8N_API_KEY (mode {mode:o}); close it with "
        f"`chmod 600 {file}`, and replace the secret if somebody may have read it"
    )


def test_a_link_is_judged_by_what_it_leads_to(file, tmp_path):
    (tmp_path / "link").symlink_to(file)
    assert secret("N8N_API_KEY", {"N8N_API_KEY_FILE": str(tmp_path / "link")}) == VALUE

    file.chmod(0o644)
    assert "others may read" in refusal({"N8N_API_KEY_FILE": str(tmp_path / "link")})


def test_a_secret_that_is_nowhere_is_told_with_every_way_to_set_it():
    assert refusal({}) == (
        "N8N_API_KEY is not set; set it in the environment of this program, or put it in a file "
        "of mode 600 and set N8N_API_KEY_FILE to its path, or give it to the service with "
        "LoadCredential=N8N_API_KEY:/etc/sallim/credentials/N8N_API_KEY"
    )


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert refusal({"N8N_API_KEY_FILE": str(tmp_path / "gone")}) == (
        f"{tmp_path}/gone, the file of N8N_API_KEY, cannot be read (No such file or directory); "
        "make it a file of mode 600 that belongs to the user of this program"
    )


def test_a_folder_or_a_pipe_is_no_secret(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)

    for path in (tmp_path, tmp_path / "pipe"):
        assert "is no file; name a file of mode 600" in refusal({"N8N_API_KEY_FILE": str(path)})


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n"])
def test_an_empty_file_is_no_secret(file, content):
    file.write_bytes(content)

    assert "is empty; put the secret N8N_API_KEY in it" in refusal({"N8N_API_KEY_FILE": str(file)})


@pytest.mark.parametrize("content", [b"canary\nX-Injected: 1", b"canary\x00", b"canary\xff\xfe"])
def test_what_cannot_be_sent_in_a_header_is_refused_and_not_repeated(file, content):
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        secret("N8N_API_KEY", {"N8N_API_KEY_FILE": str(file)})

    told = "".join(traceback.format_exception(refused.value))
    assert "holds more than one line, or characters that no key has" in told
    assert "canary" not in told


@pytest.mark.parametrize("name", ["PG_PASSWORD", "N8N_API_KEY", "SALLIM_TOKEN", "HUB_SECRET"])
def test_what_is_said_of_a_secret_stays_readable_where_secrets_are_hidden(name, tmp_path):
    (tmp_path / "empty").touch(0o600)
    (tmp_path / "lines").write_text("canary\ncanary")
    (tmp_path / "lines").chmod(0o600)
    (tmp_path / "open").touch(0o644)

    for file in ("", "gone", "open", "empty", "lines", "."):
        environ = {f"{name}_FILE": str(tmp_path / file)} if file else {}
        with pytest.raises(ConfigError) as refused:
            secret(name, environ)
        told = str(refused.value)

        assert name in told
        assert redact(told) == told
        assert "canary" not in told


def test_a_secret_is_used_as_text_and_does_not_show_itself():
    @dataclasses.dataclass
    class Client:
        key: str

    found = secret("N8N_API_KEY", {"N8N_API_KEY": VALUE})

    assert f"Bearer {found}" == f"Bearer {VALUE}"
    assert repr(found) == "Secret(…tail)"
    assert "canary" not in repr(Client(found))
    assert "canary" not in repr({"key": found, "all": [found]})


def test_of_a_short_secret_not_even_the_end_is_shown():
    assert repr(Secret("hunter2")) == "Secret(…)"
