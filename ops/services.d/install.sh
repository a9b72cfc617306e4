# Sourced by ops/services: installs missing Debian or Ubuntu packages without letting their servers start.
# shellcheck shell=bash

POSTGRES_MAJOR_MIN=15
POLICY=/usr/sbin/policy-rc.d

install_missing() {
    local missing=()
    command -v openssl >/dev/null || missing+=(openssl)
    command -v npm >/dev/null || missing+=(npm)
    postgres_bin >/dev/null || missing+=("$(postgres_package)")
    rabbitmq_bin >/dev/null || missing+=(rabbitmq-server)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing: ${missing[*]}"
    if [ "$(id -u)" -eq 0 ]; then
        install_packages "${missing[@]}"
    elif command -v sudo >/dev/null; then
        sudo bash -c "set -euo pipefail; POLICY=$POLICY; $(declare -f install_packages forbid_starts allow_starts say patiently)
            install_packages ${missing[*]}"
    else
        say "missing packages: ${missing[*]}; install them as root, or install sudo"
        return 1
    fi
    hash -r
    postgres_bin >/dev/null || { say "no PostgreSQL $POSTGRES_MAJOR_MIN or newer among this system's packages"; return 1; }
}

# The folder of PostgreSQL's programs: 15 where it is there, else the oldest that is newer.
postgres_bin() {
    local major
    for major in $(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -n); do
        case "$major" in *[!0-9]*) continue ;; esac
        if [ "$major" -ge "$POSTGRES_MAJOR_MIN" ] && [ -x "/usr/lib/postgresql/$major/bin/postgres" ]; then
            echo "/usr/lib/postgresql/$major/bin"
            return 0
        fi
    done
    return 1
}

postgres_package() {
    if apt-cache show "postgresql-$POSTGRES_MAJOR_MIN" >/dev/null 2>&1; then
        echo "postgresql-$POSTGRES_MAJOR_MIN"
    else
        echo postgresql
    fi
}

# The scripts of the package's library folder: those on the path change the user, and want systemd's folders.
rabbitmq_bin() {
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && command -v erl >/dev/null && echo /usr/lib/rabbitmq/bin
}

# As root. Interrupted, it leaves the machine as it was: whoever starts servers by hand still can.
install_packages() {
    trap allow_starts EXIT
    trap 'exit 1' INT TERM HUP
    forbid_starts
    patiently 5 apt-get update -qq -o DPkg::Lock::Timeout=300
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" >&2
    allow_starts
    trap - EXIT INT TERM HUP
}

# Packages ask policy-rc.d whether they may start their servers (Debian Policy 9.3.3.2): no.
forbid_starts() {
    allow_starts
    [ ! -e "$POLICY" ] || mv "$POLICY" "$POLICY.before-amaan"
    printf '#!/bin/sh\n# Written by ops/services for the time of an installation.\nexit 101\n' >"$POLICY"
    chmod 755 "$POLICY"
}

# Puts back what was there, now or after an interrupted installation.
allow_starts() {
    if grep -qs 'Written by ops/services' "$POLICY"; then
        rm -f "$POLICY"
    fi
    [ ! -e "$POLICY.before-amaan" ] || mv "$POLICY.before-amaan" "$POLICY"
}
