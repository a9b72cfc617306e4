#!/usr/bin/env python3
"""The fault runs themselves, and the trials beside them: a run fails only for a reason, and passes only where
it ran. Each test stands for a way in which one did not. No hub runs here; `tests/faults/mod.rs` runs this.
"""

import os
import random
import socket
import subprocess
import sys
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, *part) for part in (("ops", "bench.d"), ("tests", "store"))]
sys.dont_write_bytecode = True

import common  # noqa: E402
import load  # noqa: E402
import planted  # noqa: E402
import scenarios  # noqa: E402
import server_scenarios  # noqa: E402
from common import Broken  # noqa: E402
from hub import Hub  # noqa: E402
from tamper import sealed  # noqa: E402
from tamper.held import NothingToEdit  # noqa: E402
from world import World  # noqa: E402


def ended(code, out="", err=""):
    return subprocess.CompletedProcess([], code, out, err)


def after(looks, then=True):
    """What comes of a look: nothing at first, then this."""
    left = [looks]

    def holds(*_):
        left[0] -= 1
        return then if left[0] < 0 else None

    return holds


class Busy(Hub):
    """A hub that does not answer at first."""

    def __init__(self, looks):
        self.name, self.looks = "busy", after(looks, ["amaan_queue_nacked_total{agency=\"laja\"} 3"])

    def metrics(self):
        return self.looks()


class Scenarios(unittest.TestCase):
    """What a scenario waits for comes, and what did not run is not passed."""

    def test_a_turn_of_epochs_is_waited_for_once(self):
        for seed in range(50):
            nth_max = scenarios.ERASING["epoch-turned"]
            point = scenarios.failpoint("epoch-turned", random.Random(seed), nth_max)
            self.assertEqual(point, "epoch-turned:1:0")

    def test_a_full_disk_that_broke_off_did_not_pass(self):
        with self.assertRaisesRegex(Broken, "Traceback"):
            scenarios.found_by(ended(1, err="Traceback (most recent call last)"))
        with self.assertRaises(Broken):
            scenarios.found_by(ended(2, "C1: lost\n"))
        for said in ("unshare failed: Operation not permitted", "write failed /proc/self/uid_map"):
            with self.assertRaises(scenarios.NotRun):
                scenarios.found_by(ended(1, err=f"unshare: {said}"))
        with self.assertRaises(scenarios.NotRun):
            scenarios.found_by(ended(77))
        self.assertEqual(scenarios.found_by(ended(0)), [])
        self.assertEqual(scenarios.found_by(ended(1, "C1: lost: all\n")), [("C1", "lost: all")])

    def test_a_busy_hub_is_asked_again(self):
        self.assertEqual(Busy(3).counted("amaan_queue_nacked_total"), 3)
        hub = Busy(0)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            hub.url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            self.assertIsNone(Hub.metrics(hub))

    def test_a_queue_is_full_until_a_message_was_refused(self):
        world, came = mock.Mock(offices={}), mock.Mock(side_effect=[0, 0, 2])
        world.wiring.accept.side_effect = lambda: self.assertEqual(came.call_count, 3)
        server_scenarios.refused(world, 0, came)
        world.wiring.accept.assert_called_once()

    def test_people_stop_before_the_clock_starts(self):
        world = World.__new__(World)
        told = []
        world.offices, world.proxies, world.hubs, world.wiring = {}, {}, [], mock.Mock()
        world.proxied = world.misbehave = lambda *_: None
        world.crowd, world.fault = mock.Mock(), told.append
        world.crowd.stop_sending.side_effect = lambda: told.append("stopped")
        world.mend()
        self.assertEqual(told, ["stopped", "mended: all"])

    def test_a_planted_bug_has_time_to_strike(self):
        world = World.__new__(World)
        world.hubs, world.misbehave = [mock.Mock()], lambda **_: None
        strikes = world.hubs[0].hit = mock.Mock(side_effect=after(5))
        world.judge_broken = lambda _: (strikes.call_count, None)
        with mock.patch.object(planted, "WORK_SECONDS", 0):
            self.assertEqual(planted.broken(world, "memory-leak", {}), 6)


class Parts(unittest.TestCase):
    """Ports, edits, measurements, installations."""

    def test_ports_are_none_that_the_system_gives_away(self):
        self.assertTrue(all(10_000 <= common.free_port() < 20_000 for _ in range(50)))
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", common.free_port()))
            port = taken.getsockname()[1]
            with mock.patch.object(common, "PORTS", range(port, port + 1)), self.assertRaises(Broken):
                common.free_port()

    def test_two_bodies_are_of_two_cases_wherever_there_are_two(self):
        bodies = [{"case_id": "1", "key_id": "a"}] * 20 + [{"case_id": "2", "key_id": "b"}]
        with mock.patch.object(sealed, "living", lambda _: bodies):
            for seed in range(50):
                one, two = sealed.two_of(mock.Mock(draw=random.Random(seed)), "case_id")
                self.assertNotEqual(one["case_id"], two["case_id"])
        with mock.patch.object(sealed, "living", lambda _: bodies[:20]), self.assertRaises(NothingToEdit):
            sealed.two_of(mock.Mock(draw=random.Random(1)), "key_id")

    def test_a_short_measurement_counts_what_was_too_busy(self):
        seen = {"statuses": {"201": 6, "503": 2}, "requests": 8, "seconds": 2.0, "per_s": 4.0}
        told = load.Driver(None, None, None, is_short=True).answered(seen, 201)
        self.assertEqual((told["requests"], told["per_s"], told["busy"]), (6, 3.0, 2))
        wrong = {**seen, "statuses": {"201": 6, "500": 2}}
        for is_short, saw in ((False, seen), (True, wrong)):
            with self.assertRaises(Broken):
                load.Driver(None, None, None, is_short).answered(saw, 201)

    def test_the_program_is_looked_for_where_it_was_built(self):
        command = [sys.executable, os.path.join(ROOT, "ops", "tamper"), "--short"]
        environment = dict(os.environ, CARGO_TARGET_DIR="/nowhere")
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        self.assertIn("/nowhere/debug/amaan is missing", done.stderr)

    def test_what_is_fetched_is_asked_for_again(self):
        script = 'set -e; . ops/need.sh; sleep() { :; }; n=0; third() { n=$((n + 1)); [ "$n" -ge 3 ]; }; '
        for tries, code in ((2, 1), (3, 0)):
            command = ["bash", "-c", f"{script} patiently {tries} third"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
            self.assertEqual(done.returncode, code)


if __name__ == "__main__":
    unittest.main()
