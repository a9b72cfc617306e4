# Sourced by ops/services: words, users, processes and files. It starts and stops nothing by itself.
# shellcheck shell=bash

# A system user for callers who are root: PostgreSQL refuses to run as root, and the others need not.
SYSTEM_USER=amaan-services

say() {
    echo "services: $*" >&2
}

absolute() {
    case "$1" in
        /*) echo "${1%/}" ;;
        *) echo "$PWD/${1%/}" ;;
    esac
}

default_folder() {
    local target=${CARGO_TARGET_DIR:-target}
    case "$target" in
        /*) echo "$target/services" ;;
        *) echo "$checkout/$target/services" ;;
    esac
}

# Whom the servers run as: the caller, or SYSTEM_USER when the caller is root.
choose_user() {
    user=$(id -un)
    [ "$(id -u)" -eq 0 ] || return 0
    user=$SYSTEM_USER
    if ! id -u "$user" >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
    fi
}

# sudo is only for installing: the rest runs as whoever called sudo, who must own the folder.
become_the_caller_of_sudo() {
    if [ "$(id -u)" -ne 0 ] || [ "${SUDO_UID:-0}" -eq 0 ]; then
        return 0
    fi
    local home uid=$SUDO_UID gid=$SUDO_GID
    home=$(getent passwd "$uid" | cut -d: -f6)
    local again=("$command" --dir "$asked")
    [ "$wipe" = no ] || again+=(--wipe)
    unset SUDO_UID SUDO_GID SUDO_USER SUDO_COMMAND
    exec setpriv --reuid "$uid" --regid "$gid" --init-groups -- \
        env HOME="$home" "$checkout/ops/services" "${again[@]}"
}

# as_user COMMAND...: runs it as the servers' user, with an environment of its own; with `become=exec`, in
# place of the shell, so that none is left waiting for a server.
as_user() {
    local clean=(${become:-} env -i "PATH=$PATH" "LANG=C.UTF-8" "HOME=${service_home:-/nonexistent}")
    if [ "$(id -un)" = "$user" ]; then
        "${clean[@]}" "$@"
    else
        ${become:-} setpriv --reuid "$user" --regid "$user" --clear-groups -- "${clean[@]:${become:+1}}" "$@"
    fi
}

# folder PATH: a folder of the servers' user, for nobody else.
folder() {
    mkdir -p "$1"
    chmod 700 "$1"
    [ "$(id -u)" -ne 0 ] || chown "$user:" "$1"
}

# put FILE [owner]: standard input becomes the file, whole or not at all, unless it already holds that.
# Sets `changed` to yes where it did not. With `owner` the file belongs to the servers' user.
put() {
    local beside="$1.new"
    cat >"$beside"
    if cmp -s "$beside" "$1"; then
        rm -f "$beside"
        return 0
    fi
    # Whoever reads `changed` set it to no before.
    # shellcheck disable=SC2034
    changed=yes
    chmod 600 "$beside"
    [ "${2:-}" != owner ] || [ "$(id -u)" -ne 0 ] || chown "$user:" "$beside"
    mv -f "$beside" "$1"
}

# process_of PIDFILE PROGRAM FOLDER: the process id in that file, if it still is that program, working in
# that folder. A number left by a crash or from before a reboot is somebody else's process. Asked as the
# servers' user: a root without CAP_SYS_PTRACE, as in many containers, is not told of other users' processes.
process_of() {
    local pid
    [ -r "$1" ] || return 1
    read -r pid _ <"$1" || [ -n "${pid:-}" ] || return 1
    case "$pid" in '' | *[!0-9]*) return 1 ;; esac
    case "$(as_user readlink "/proc/$pid/exe" 2>/dev/null)" in */"$2" | */"$2 (deleted)") ;; *) return 1 ;; esac
    [ "$(as_user readlink "/proc/$pid/cwd" 2>/dev/null)" = "$3" ] || return 1
    echo "$pid"
}

# gone SECONDS PID...: waits until none of them is there.
gone() {
    local end=$((SECONDS + $1)) pid
    shift
    for pid in "$@"; do
        while [ -d "/proc/$pid" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null; do
            [ "$SECONDS" -lt "$end" ] || return 1
            sleep 0.05
        done
    done
}

# with_children PID: it and all its descendants.
with_children() {
    local child
    echo "$1"
    local children=()
    read -r -a children 2>/dev/null <"/proc/$1/task/$1/children" || true
    for child in "${children[@]}"; do
        with_children "$child"
    done
}

# stop_process SECONDS PID: asks it to end, and ends it when it has not after so many seconds.
stop_process() {
    local all
    mapfile -t all < <(with_children "$2")
    as_user kill -TERM "$2" 2>/dev/null || return 0
    gone "$1" "$2" || as_user kill -KILL "${all[@]}" 2>/dev/null || true
    gone 10 "${all[@]}"
}

# kill_process PID: ends it and its children at once, as a power cut would.
kill_process() {
    local all
    mapfile -t all < <(with_children "$1")
    as_user kill -KILL "${all[@]}" 2>/dev/null || true
    gone 10 "${all[@]}"
}

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# speaks_tls PORT: somebody there shows a certificate for 127.0.0.1 of this folder's CA.
speaks_tls() {
    openssl s_client -connect "127.0.0.1:$1" -verify_ip 127.0.0.1 -verify_return_error \
        -CAfile "$dir/tls/ca.pem" </dev/null >/dev/null 2>&1
}

# await_tls SECONDS PORT PIDCOMMAND [LAUNCHED]: until it speaks. Fails when time is up, or when both the
# server and the process that launched it are gone; on a busy machine the first comes late.
await_tls() {
    local end=$((SECONDS + $1))
    until listens "$2" && speaks_tls "$2"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        "$3" >/dev/null || kill -0 "${4:-none}" 2>/dev/null || return 1
        sleep 0.1
    done
}
