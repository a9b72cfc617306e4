# Sourced by ops/services: the folder of an instance, its ports, passwords and certificates. Each is made
# once and kept; `down --wipe` deletes them all.
# shellcheck shell=bash

MARK=.amaan-services
CERTIFICATE_DAYS=3650
# A leaf is made anew this long before its end.
CERTIFICATE_MARGIN_SECONDS=$((30 * 24 * 3600))

# One `up` at a time in a folder. The lock is the mark itself, and no server inherits it.
lock() {
    mkdir -p "$asked" || { say "$asked cannot be made; name a folder that you may write to with --dir"; exit 1; }
    if [ ! -e "$asked/$MARK" ] && [ -n "$(ls -A "$asked")" ]; then
        say "$asked is not empty and not made by this script; name another folder with --dir"
        exit 1
    fi
    [ "$(id -u)" -ne 0 ] || [ "${SUDO_UID:-0}" -eq 0 ] || chown -R "$SUDO_UID:$SUDO_GID" "$asked"
    exec 9>>"$asked/$MARK"
    flock -w 300 9 || { say "another \`up\` has held $asked for five minutes"; exit 1; }
}

# Sets `dir`: the folder asked for, or one below /tmp where the servers' user cannot reach that one.
open_place() {
    dir=$asked
    chmod 711 "$asked"
    if ! as_user test -x "$asked"; then
        dir=$(cat "$asked/elsewhere" 2>/dev/null || true)
        if [ -z "$dir" ] || [ ! -O "$dir/$MARK" ]; then
            dir=$(mktemp -d /tmp/amaan-services.XXXXXX)
            : >"$dir/$MARK"
            echo "$dir" >"$asked/elsewhere"
            say "the user $user cannot reach $asked: using $dir"
        fi
        chmod 711 "$dir"
    fi
}

find_place() {
    dir=$asked
    [ ! -e "$asked/elsewhere" ] || dir=$(cat "$asked/elsewhere")
    if [ ! -e "$dir/settings" ]; then
        say "nothing was started in $asked yet: ops/services up"
        return 1
    fi
}

remove_place() {
    local place
    for place in "$dir" "$asked"; do
        [ ! -e "$place/$MARK" ] || rm -rf "$place"
    done
}

# Ports and passwords, as `NAME=value` lines of this file's own making. The file is the caller's alone.
load_settings() {
    if [ ! -e "$dir/settings" ]; then
        {
            for name in POSTGRES_PASSWORD POSTGRES_OWNER_PASSWORD RABBITMQ_PASSWORD RABBITMQ_COOKIE; do
                echo "$name=$(openssl rand -hex 20)"
            done
            free_ports POSTGRES_PORT RABBITMQ_PORT RABBITMQ_DISTRIBUTION_PORT RABBITMQ_EPMD_PORT OIDC_PORT
        } | put "$dir/settings"
    fi
    # shellcheck disable=SC1091
    . "$dir/settings"
}

# free_ports NAME...: lines `NAME=port`, ports nobody listens on, below those the system gives to clients.
free_ports() {
    local name port taken=" "
    for name in "$@"; do
        while :; do
            port=$((21000 + SRANDOM % 11000))
            case "$taken" in *" $port "*) continue ;; esac
            listens "$port" || break
        done
        taken+="$port "
        echo "$name=$port"
    done
}

# need_port SERVICE NAME: moves a service that does not run to another port when somebody else took its own.
need_port() {
    listens "${!2}" || return 0
    say "$1: port ${!2} is taken by another program, choosing another (ask \`ops/services env\` again)"
    local line
    line=$(free_ports "$2")
    exec 8>>"$dir/$MARK.settings"
    flock 8
    sed "s/^$2=.*/$line/" "$dir/settings" | put "$dir/settings"
    exec 8>&-
    printf -v "$2" '%s' "${line#*=}"
}

make_certificates() {
    mkdir -p "$dir/tls"
    chmod 711 "$dir/tls"
    if ! openssl x509 -in "$dir/tls/ca.pem" -noout -checkend "$CERTIFICATE_MARGIN_SECONDS" >/dev/null 2>&1; then
        new_key "$dir/tls/ca.key"
        openssl req -x509 -new -key "$dir/tls/ca.key" -sha256 -days "$CERTIFICATE_DAYS" \
            -subj "/CN=Amaan test services, private CA" -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
            -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$dir/tls/ca.pem.new"
        chmod 644 "$dir/tls/ca.pem.new"
        mv "$dir/tls/ca.pem.new" "$dir/tls/ca.pem"
    fi
    local service
    for service in postgres rabbitmq oidc; do
        folder "$dir/$service"
        if ! certificate_is_good "$dir/$service/tls.pem"; then
            make_certificate "$service"
        fi
    done
}

certificate_is_good() {
    openssl x509 -in "$1" -noout -checkend "$CERTIFICATE_MARGIN_SECONDS" >/dev/null 2>&1 &&
        openssl verify -CAfile "$dir/tls/ca.pem" "$1" >/dev/null 2>&1
}

new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.new" 2>/dev/null
    mv "$1.new" "$1"
}

make_certificate() {
    local place=$dir/$1
    new_key "$place/tls.key"
    openssl req -new -key "$place/tls.key" -subj "/CN=Amaan test services, $1" -out "$place/tls.csr"
    openssl x509 -req -in "$place/tls.csr" -CA "$dir/tls/ca.pem" -CAkey "$dir/tls/ca.key" -sha256 \
        -set_serial "0x$(openssl rand -hex 15)" -days "$CERTIFICATE_DAYS" -out "$place/tls.pem.new" 2>/dev/null \
        -extfile <(printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" \
            "extendedKeyUsage=serverAuth" "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost")
    rm "$place/tls.csr"
    mv "$place/tls.pem.new" "$place/tls.pem"
    [ "$(id -u)" -ne 0 ] || chown "$user:" "$place/tls.key" "$place/tls.pem"
}
