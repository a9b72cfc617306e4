"""A TCP proxy with a will of its own, placed before an agency, a broker or a database: it delays, cuts,
corrupts, black-holes, or keeps a connection half-open (what is asked goes through, what is answered does
not). Bytes are corrupted by their highest bit, so that no text becomes another valid text. And it holds back
what is `asked` or `answered`, on the connections that are open as well, for faults at a known moment.
"""

import random
import select
import socket
import struct
import threading
import time

CHUNK = 16 * 1024
HELD_LOOK_SECONDS = 0.05
MODES = ("pass", "delay", "cut", "corrupt", "black-hole", "half-open", "refuse")


class Proxy:
    """Listens on loopback, forwards to a port of loopback; `mode` may change at any time."""

    def __init__(self, port, seed, mode="pass", share=1.0):
        self.to, self.mode, self.share = port, mode, share
        self.dice = random.Random(f"{seed}/{port}")
        self.held = frozenset()
        self.closing = threading.Event()
        self.open = set()
        self.lock = threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.closing.is_set():
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def drawn(self):
        """This connection's fault: the mode for a share of them, none for the rest."""
        with self.lock:
            return self.mode if self.dice.random() < self.share else "pass"

    def serve(self, client):
        mode = self.drawn()
        if mode == "refuse":
            return reset(client)
        try:
            server = socket.create_connection(("127.0.0.1", self.to), timeout=5)
        except OSError:
            return reset(client)
        with self.lock:
            self.open |= {client, server}
        try:
            self.carry(client, server, mode)
        except ValueError:
            # Closed by `cut_all` while it was looked at.
            pass
        finally:
            with self.lock:
                self.open -= {client, server}
            for one in (client, server):
                reset(one) if mode == "cut" else one.close()
        return None

    def carry(self, client, server, mode):
        """Both ways until one side ends, or the fault does it."""
        left = self.dice.randint(0, 2000)
        while not self.closing.is_set():
            sides = {"asked": client, "answered": server}
            heard = [side for what, side in sides.items() if what not in self.held]
            ready, _, _ = select.select(heard, [], [], HELD_LOOK_SECONDS if self.held else 0.5)
            for source in ready:
                if ("answered" if source is server else "asked") in self.held:
                    continue
                try:
                    data = source.recv(CHUNK)
                except OSError:
                    return
                if not data:
                    return
                answered = source is server
                if mode == "delay":
                    time.sleep(self.dice.uniform(0.05, 0.4))
                if mode == "cut":
                    left -= len(data)
                    if left < 0:
                        return
                if mode == "black-hole" or (mode == "half-open" and answered):
                    continue
                if mode == "corrupt" and answered:
                    data = corrupted(data, self.dice)
                try:
                    (client if answered else server).sendall(data)
                except OSError:
                    return

    def cut_all(self):
        """Resets everything that is open now."""
        with self.lock:
            held = list(self.open)
        for one in held:
            reset(one)

    def cut_what_is_held(self):
        """Resets everything, and only then lets through what comes on new connections."""
        self.cut_all()
        self.held = frozenset()

    def close(self):
        self.closing.set()
        self.server.close()
        self.cut_all()


def corrupted(data, dice):
    data = bytearray(data)
    data[dice.randrange(len(data))] ^= 0x80
    return bytes(data)


def reset(one):
    """Ends a connection as a crashed machine would: no farewell."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
    except OSError:
        return
