"""A collector of traces for the tests: OTLP over HTTP in protobuf, on loopback, on a port of its own.

It prints `port N`, takes `POST /v1/traces` until its standard input ends, and then prints every span it got
as one JSON list, each with service, trace, span, parent, name, kind and attributes. The protobuf is walked
by hand, so that nothing of the exporter's own code judges it. It answers 503 to the first call, as a collector that
is just starting would: the exporter has to come again.
"""

import json
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SPANS = []
STRANGE = []
CALLS = [0]
LOCK = threading.Lock()


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Field number and value (int or bytes) of one message, in order."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value, at = data[at : at + 8], at + 8
        elif wire == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        elif wire == 5:
            value, at = data[at : at + 4], at + 4
        else:
            raise ValueError(f"wire type {wire}")
        yield number, value


def all_of(data, wanted):
    return [value for number, value in fields(data) if number == wanted]


def any_value(data):
    for number, value in fields(data):
        if number == 1:
            return value.decode()
        if number == 2:
            return bool(value)
        if number == 3:
            return value
        if number == 4:
            return struct.unpack("<d", value)[0]
        return f"<kind {number}>"
    return None


def attributes(pairs):
    found = {}
    for pair in pairs:
        parts = dict(fields(pair))
        found[parts[1].decode()] = any_value(parts[2])
    return found


def span(data, service):
    one = {number: value for number, value in fields(data)}
    return {
        "service": service,
        "trace": one[1].hex(),
        "span": one[2].hex(),
        "parent": one.get(4, b"").hex(),
        "trace_state": one.get(3, b"").decode(),
        "name": one[5].decode(),
        "kind": {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}.get(one.get(6, 0), "?"),
        "start": struct.unpack("<Q", one[7])[0],
        "end": struct.unpack("<Q", one[8])[0],
        "attributes": attributes(all_of(data, 9)),
        "events": [dict(fields(event)).get(2, b"").decode() for event in all_of(data, 11)],
        "links": len(all_of(data, 13)),
    }


def take(body):
    for resource_spans in all_of(body, 1):
        resource = [pair for one in all_of(resource_spans, 1) for pair in all_of(one, 1)]
        service = attributes(resource)
        for scope in all_of(resource_spans, 2):
            for data in all_of(scope, 2):
                SPANS.append(span(data, service))


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with LOCK:
            CALLS[0] += 1
            first = CALLS[0] == 1
            if self.path != "/v1/traces" or self.headers.get("content-type") != "application/x-protobuf":
                STRANGE.append(f"{self.path} {self.headers.get('content-type')}")
            if not first:
                take(body)
        self.send_response(503 if first else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"port {server.server_address[1]}", flush=True)
    sys.stdin.read()
    server.shutdown()
    with LOCK:
        if STRANGE:
            sys.exit(f"strange calls: {STRANGE}")
        json.dump(SPANS, sys.stdout)


main()
