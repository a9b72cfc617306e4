# Sourced by ops/services: a private RabbitMQ with its own Erlang port mapper. TLS is its only listener.
# shellcheck shell=bash

rabbitmq_pid() {
    process_of "$dir/rabbitmq/pid" beam.smp "$dir/rabbitmq"
}

rabbitmq_epmd_pid() {
    process_of "$dir/rabbitmq/epmd.pid" epmd "$dir/rabbitmq"
}

rabbitmq_up() {
    changed=no
    if ! rabbitmq_pid >/dev/null; then
        need_port rabbitmq RABBITMQ_PORT
        need_port rabbitmq RABBITMQ_DISTRIBUTION_PORT
        rabbitmq_epmd_pid >/dev/null || need_port rabbitmq RABBITMQ_EPMD_PORT
    fi
    rabbitmq_configure
    if [ "$changed" = yes ]; then
        rabbitmq_stop
    fi
    rabbitmq_start
}

# The user is made by the server itself whenever its database is new, so that `wipe` needs nothing more.
rabbitmq_configure() {
    folder "$dir/rabbitmq/home"
    put "$dir/rabbitmq/rabbitmq.conf" owner <<CONFIGURATION
# Written by ops/services.
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:$RABBITMQ_PORT
ssl_options.cacertfile = $dir/tls/ca.pem
ssl_options.certfile = $dir/rabbitmq/tls.pem
ssl_options.keyfile = $dir/rabbitmq/tls.key
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
default_user = amaan
default_pass = $RABBITMQ_PASSWORD
default_vhost = /
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
log.console = false
log.file.level = info
CONFIGURATION
    put "$dir/rabbitmq/plugins" owner <<<'[].'
    put "$dir/rabbitmq/rabbitmq-env.conf" owner <<<'# Empty, so that the machine-wide one is not read.'
    if [ "$(cat "$dir/rabbitmq/home/.erlang.cookie" 2>/dev/null)" != "$RABBITMQ_COOKIE" ]; then
        printf '%s' "$RABBITMQ_COOKIE" | put "$dir/rabbitmq/home/.erlang.cookie" owner
        chmod 400 "$dir/rabbitmq/home/.erlang.cookie"
    fi
}

# in_rabbitmq COMMAND...: runs it as the servers' user in the node's folder with the node's environment.
# It changes the folder: call it in the background, or last.
in_rabbitmq() {
    local here=$dir/rabbitmq
    cd "$here"
    service_home=$here/home as_user env \
        RABBITMQ_NODENAME="amaan-${RABBITMQ_COOKIE:0:8}@localhost" \
        RABBITMQ_CONF_ENV_FILE="$here/rabbitmq-env.conf" \
        RABBITMQ_CONFIG_FILE="$here/rabbitmq.conf" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$here/plugins" \
        RABBITMQ_MNESIA_BASE="$here/data" \
        RABBITMQ_LOG_BASE="$here/log" \
        RABBITMQ_PID_FILE="$here/pid" \
        RABBITMQ_DIST_PORT="$RABBITMQ_DISTRIBUTION_PORT" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}" \
        ERL_EPMD_PORT="$RABBITMQ_EPMD_PORT" \
        ERL_EPMD_ADDRESS=127.0.0.1 \
        ERL_CRASH_DUMP="$here/log/erl_crash.dump" \
        "$@"
}

rabbitmq_start() {
    rabbitmq_start_epmd
    folder "$dir/rabbitmq/data"
    folder "$dir/rabbitmq/log"
    local launched=
    if ! rabbitmq_pid >/dev/null; then
        rm -f "$dir/rabbitmq/pid"
        become=exec in_rabbitmq setsid "$(rabbitmq_bin)/rabbitmq-server" </dev/null >"$dir/rabbitmq/start.log" 2>&1 9>&- 8>&- &
        launched=$!
    fi
    await_tls 180 "$RABBITMQ_PORT" rabbitmq_pid $launched || { tail -n 20 "$dir/rabbitmq/start.log" >&2; return 1; }
}

# Its own, in the foreground of a session of its own: the one Erlang would start belongs to nobody.
rabbitmq_start_epmd() {
    rabbitmq_epmd_pid >/dev/null && return 0
    # shellcheck disable=SC2016
    become=exec in_rabbitmq setsid sh -c 'echo $$ >epmd.pid; exec epmd -address 127.0.0.1 -port "$0"' "$RABBITMQ_EPMD_PORT" \
        </dev/null >"$dir/rabbitmq/epmd.log" 2>&1 9>&- 8>&- &
    local end=$((SECONDS + 10))
    until listens "$RABBITMQ_EPMD_PORT"; do
        [ "$SECONDS" -lt "$end" ] || { cat "$dir/rabbitmq/epmd.log" >&2; return 1; }
        sleep 0.05
    done
}

rabbitmq_stop() {
    local pid
    pid=$(rabbitmq_pid) || return 0
    stop_process 60 "$pid"
}

rabbitmq_stop_epmd() {
    local pid
    pid=$(rabbitmq_epmd_pid) || return 0
    stop_process 5 "$pid"
}

rabbitmq_kill() {
    local pid
    pid=$(rabbitmq_pid) || return 0
    kill_process "$pid"
}

# All messages, queues and exchanges; the user comes back with the next start.
rabbitmq_ctl_wipe() {
    if rabbitmq_pid >/dev/null; then
        say "rabbitmq runs: stop or kill it before wiping its data"
        return 1
    fi
    rm -rf "$dir/rabbitmq/data"
}

# rabbitmqctl against this node: alarms, partitions, what is in its queues.
rabbitmq_ctl_run() {
    in_rabbitmq "$(rabbitmq_bin)/rabbitmqctl" --quiet "$@"
}
