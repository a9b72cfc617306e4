"""The agencies' endpoints of a measurement: `amaan-bench sink`, which answers for all three at once."""

import os
import signal

from common import wait_until
from house import answers
from programs import measurer, run, stop


class Sink:
    """Runs from the beginning to the end of a measurement."""

    def __init__(self, folder, port):
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.process = run([measurer(), "sink", "--port", str(port)], os.path.join(folder, "sink.log"))
        wait_until("the agencies' endpoints", lambda: answers(port, "/count"), 10)

    def stop(self):
        stop(self.process, signal.SIGINT)
