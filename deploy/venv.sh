#!/bin/sh
# Make or update a virtual environment: venv.sh PYTHON VENV REQUIREMENTS. uv when it is there, else pip.
set -eu
python=$1 venv=$2 requirements=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Sallim needs Python 3.11 or newer; $python is $("$python" --version 2>&1)." >&2
    echo "Install one (Debian 12: apt install python3 python3-venv) and say make PYTHON=python3.11 ..." >&2
    exit 1
}
echo "Installing $requirements into $venv (once, about a minute) ..."
if command -v uv >/dev/null 2>&1; then
    [ -x "$venv/bin/python" ] || uv venv --quiet --python "$python" "$venv"
    exec uv pip install --quiet --python "$venv/bin/python" -r "$requirements"
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
    echo "Could not make $venv. On Debian: apt install python3-venv" >&2
    exit 1
}
exec "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
