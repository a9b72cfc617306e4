# Sourced by ops/services: the OpenID provider (npm `oidc-provider`) and a Node new enough for it, both
# installed from the npm registry into this folder by the versions in oidc/package-lock.json.
# shellcheck shell=bash

NODE_MAJOR_MIN=22

oidc_pid() {
    process_of "$dir/oidc/pid" node "$dir/oidc"
}

oidc_up() {
    changed=no
    if ! oidc_pid >/dev/null; then
        need_port oidc OIDC_PORT
    fi
    oidc_install
    oidc_make_clients
    if [ "$changed" = yes ]; then
        oidc_stop
    fi
    oidc_start
}

# The packages belong to the caller, and the provider can only read them.
oidc_install() {
    local code=$dir/node file
    mkdir -p "$code"
    chmod 711 "$code"
    for file in package.json package-lock.json provider.mjs keys.mjs clients.json; do
        put "$code/$file" <"$parts/oidc/$file"
        chmod 644 "$code/$file"
    done
    local omit=()
    system_node_fits && omit=(--omit=optional)
    local wanted
    wanted=$(cat "$code/package-lock.json" <(echo "${omit[*]}") | sha256sum)
    [ "$(cat "$code/installed" 2>/dev/null)" != "$wanted" ] || return 0
    say "fetching the OpenID provider from the npm registry"
    changed=yes
    rm -f "$code/installed"
    (umask 022 && cd "$code" && patiently 3 npm ci --ignore-scripts --no-audit --no-fund --prefer-offline \
        --loglevel=error "${omit[@]}" >npm.log 2>&1) || { cat "$code/npm.log" >&2; return 1; }
    echo "$wanted" >"$code/installed"
}

# The machine's own Node, if it is new enough and the servers' user may run it.
system_node_fits() {
    local version
    version=$(as_user node --version 2>/dev/null) || return 1
    version=${version#v}
    [ "${version%%.*}" -ge "$NODE_MAJOR_MIN" ] 2>/dev/null
}

oidc_node() {
    local machine
    case "$(uname -m)" in
        x86_64) machine=x64 ;;
        aarch64) machine=arm64 ;;
        *) machine=none ;;
    esac
    local own=$dir/node/node_modules/node-linux-$machine/bin/node
    if [ -x "$own" ]; then
        echo "$own"
    elif system_node_fits; then
        command -v node
    else
        say "oidc: no Node $NODE_MAJOR_MIN or newer for this machine; install one"
        return 1
    fi
}

# Random secrets, once for each client.
oidc_make_clients() {
    local id known
    known=$(cat "$dir/oidc/clients.json" 2>/dev/null || true)
    sed -n 's/^ *"\([a-z-]*\)":.*/\1/p' "$dir/node/clients.json" | while read -r id; do
        local secret
        secret=$(sed -n "s/^ *\"$id\": \"\([0-9a-f]*\)\".*/\1/p" <<<"$known")
        echo "\"$id\": \"${secret:-$(openssl rand -hex 24)}\""
    done | sed 's/^/  /; $!s/$/,/; 1s/^/{\n/; $s/$/\n}/' >"$dir/oidc/clients.json.made"
    put "$dir/oidc/clients.json" owner <"$dir/oidc/clients.json.made"
    rm -f "$dir/oidc/clients.json.made"
}

oidc_start() {
    local launched=
    if ! oidc_pid >/dev/null; then
        local node
        node=$(oidc_node)
        # shellcheck disable=SC2016
        (cd "$dir/oidc" && become=exec as_user OIDC_PORT="$OIDC_PORT" NODE_ENV=production \
            setsid sh -c 'echo $$ >pid; exec "$0" "$1"' "$node" "$dir/node/provider.mjs") \
            </dev/null >"$dir/oidc/oidc.log" 2>&1 9>&- 8>&- &
        launched=$!
    fi
    await_tls 60 "$OIDC_PORT" oidc_pid $launched || { tail -n 20 "$dir/oidc/oidc.log" >&2; return 1; }
}

oidc_stop() {
    local pid
    pid=$(oidc_pid) || return 0
    stop_process 5 "$pid"
}

oidc_kill() {
    local pid
    pid=$(oidc_pid) || return 0
    kill_process "$pid"
}
