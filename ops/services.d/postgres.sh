# Sourced by ops/services: a private PostgreSQL. Checksums, fsync, TLS for every connection, no Unix socket.
# shellcheck shell=bash

postgres_pid() {
    process_of "$dir/postgres/data/postmaster.pid" postgres "$dir/postgres/data"
}

postgres_up() {
    changed=no
    if ! postgres_pid >/dev/null; then
        need_port postgres POSTGRES_PORT
    fi
    [ -e "$dir/postgres/data/PG_VERSION" ] || postgres_make
    postgres_configure
    if [ "$changed" = yes ]; then
        postgres_stop
    fi
    postgres_start
    [ -e "$dir/postgres/roles-made" ] || postgres_make_roles
}

# Beside its place first: an interrupted initdb leaves nothing that looks whole.
postgres_make() {
    say "making a PostgreSQL cluster"
    rm -rf "$dir/postgres/data.new"
    put "$dir/postgres/owner-password" owner <<<"$POSTGRES_OWNER_PASSWORD"
    (cd "$dir/postgres" && as_user "$(postgres_bin)/initdb" --pgdata=data.new --data-checksums --encoding=UTF8 \
        --locale=C.UTF-8 --username=postgres --pwfile=owner-password --auth=scram-sha-256 >initdb.log 2>&1) ||
        { cat "$dir/postgres/initdb.log" >&2; return 1; }
    rm -f "$dir/postgres/owner-password" "$dir/postgres/roles-made"
    mv "$dir/postgres/data.new" "$dir/postgres/data"
}

postgres_configure() {
    put "$dir/postgres/data/postgresql.conf" owner <<CONFIGURATION
# Written by ops/services; what is not here has PostgreSQL's own default (fsync and full_page_writes on).
# syncfs: after a kill, one call instead of opening every file of every test's database.
listen_addresses = '127.0.0.1'
port = $POSTGRES_PORT
unix_socket_directories = ''
max_connections = 100
shared_buffers = 128MB
recovery_init_sync_method = syncfs
dynamic_shared_memory_type = posix
password_encryption = scram-sha-256
ssl = on
ssl_cert_file = '$dir/postgres/tls.pem'
ssl_key_file = '$dir/postgres/tls.key'
ssl_min_protocol_version = 'TLSv1.2'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %d '
CONFIGURATION
    put "$dir/postgres/data/pg_hba.conf" owner <<RULES
# Written by ops/services: TLS and a password for everyone; nothing else is let in.
hostssl all all 127.0.0.1/32 scram-sha-256
RULES
}

postgres_make_roles() {
    postgres_ctl_psql -q -v ON_ERROR_STOP=1 >/dev/null <<SQL
SELECT 'CREATE ROLE amaan' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'amaan') \gexec
ALTER ROLE amaan LOGIN CREATEDB PASSWORD '$POSTGRES_PASSWORD';
SELECT 'CREATE DATABASE ' || name || ' OWNER amaan' FROM unnest(ARRAY['amaan', 'amaan_keys']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
SQL
    : >"$dir/postgres/roles-made"
}

# After a kill the last of the old processes may still hold the shared memory: then it is tried again.
postgres_start() {
    local end=$((SECONDS + 30))
    until postgres_pid >/dev/null && listens "$POSTGRES_PORT"; do
        (cd "$dir/postgres/data" && as_user "$(postgres_bin)/pg_ctl" start --silent --wait --timeout=60 \
            --pgdata="$dir/postgres/data" --log="$dir/postgres/postgres.log" </dev/null >/dev/null 2>&1 9>&- 8>&-) && return 0
        if [ "$SECONDS" -ge "$end" ]; then
            tail -n 5 "$dir/postgres/postgres.log" >&2
            return 1
        fi
        sleep 0.3
    done
}

postgres_stop() {
    postgres_pid >/dev/null || return 0
    (cd "$dir/postgres/data" && as_user "$(postgres_bin)/pg_ctl" stop --silent --mode=fast --wait --timeout=60 \
        --pgdata="$dir/postgres/data" >/dev/null)
}

postgres_kill() {
    local pid
    pid=$(postgres_pid) || return 0
    kill_process "$pid"
}

# psql as the cluster's owner, for what the role `amaan` may not do.
postgres_ctl_psql() {
    PGPASSWORD=$POSTGRES_OWNER_PASSWORD PGSSLMODE=verify-full PGSSLROOTCERT=$dir/tls/ca.pem \
        "$(postgres_bin)/psql" -X -h 127.0.0.1 -p "$POSTGRES_PORT" -U postgres -d postgres "$@"
}
