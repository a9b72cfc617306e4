# Sourced by the scripts in this folder: finds the tools they need, installs Debian packages only when one
# is absent and only as root or through sudo, and says what it does. It never touches the Rust toolchain.

RUST_MIN="1.95.0"

# patiently TRIES COMMAND...: once more, and later each time, where it fails. For what is fetched, and for
# `apt-get update`, which gives up at once where another holds its lists: the lock's limit is not for those.
patiently() {
    local try tries=$1
    shift
    for ((try = 1; try <= tries; try++)); do
        ! "$@" || return 0
        [ "$try" -lt "$tries" ] || return 1
        echo "\`$*\` failed, try $try of $tries: again in $((try * 10)) s" >&2
        sleep "$((try * 10))"
    done
}

# need PROGRAM PACKAGE: makes sure that PROGRAM can be run.
need() {
    command -v "$1" >/dev/null 2>&1 && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || { echo "$1 is missing: install the package $2" >&2; return 1; }
        as_root=(sudo)
    fi
    echo "$1 is missing: installing the package $2" >&2
    patiently 5 "${as_root[@]}" apt-get update -qq -o DPkg::Lock::Timeout=300
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$2"
}

# need_folder FOLDER PACKAGE: makes sure that a folder of sources is there.
need_folder() {
    [ -d "$1" ] || need "$1" "$2"
}

# need_python_with_cryptography: sets python_with_cryptography to a Python that has that package; Debian's own where the
# first one found has it not.
need_python_with_cryptography() {
    for python_with_cryptography in python3 /usr/bin/python3; do
        "$python_with_cryptography" -c 'import cryptography' 2>/dev/null && return 0
    done
    need_folder /usr/lib/python3/dist-packages/cryptography python3-cryptography
}

# need_rust: makes sure that cargo is there and new enough; says where to get it when not.
need_rust() {
    command -v cargo >/dev/null 2>&1 || { echo "cargo is missing: install Rust >= $RUST_MIN (https://rustup.rs)" >&2; return 1; }
    local version
    version=$(rustc --version | cut -d' ' -f2)
    if [ "$(printf '%s\n%s\n' "$RUST_MIN" "$version" | sort -V | head -n 1)" != "$RUST_MIN" ]; then
        echo "rustc $version is too old: Rust >= $RUST_MIN is needed (rustup update)" >&2
        return 1
    fi
}
