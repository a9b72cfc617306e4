#!/usr/bin/env python3
"""Checks an evidence bundle of a hub without the hub and without any of its code (ops/docs/evidence.md).

    verify_bundle.py [--ledger-key VKEY] [--hub-keys JWKS] [--agency-keys JWKS] [--witness-key VKEY]... FILE

Needs the package `cryptography`. Says whether it holds, or the first line that is wrong and why; keys that were
not given are believed as they stand in the bundle, and it says so. Exit codes: 0 holds, 1 does not, 2 usage.
"""
import argparse
import hmac
import json
import re
import sys

from verify_jws import jws, loads, unb64, usable
from verify_receipt import PROOF, Refused, cosigners, included, need, signer

# What a line has, by its first member; members marked so may be missing.
SHAPES = {
    "evidence": dict(evidence=str, hub=str, referral=str, asked_by=str, side=str, look=int, made=str, whole=bool),
    "ledger_key": dict(ledger_key=str, witness_keys=list, hub_key=dict, agency_keys=list),
    "entry": dict(entry=int, leaf=str, proof=str), "seal": dict(seal=str),
    "message": dict(message=int, agency=str, opening=str, signature=str, body=str),
    "copy": dict(copy=str, entry=int, signed=str)}
MISSING = ("signature", "entry")
AFTER = {"evidence": [None], "ledger_key": ["evidence"], "entry": ["ledger_key", "entry"]}


class Judge:
    """Reads a bundle; each line has the method of its first member's name."""
    name = note = request = parties = None

    def __init__(self, given):
        self.given, self.leaves, self.made = given, {}, set()
        self.count = dict.fromkeys(("messages", "signed", "copies"), 0)

    def line(self, text, before):
        line = loads(text, "form")
        name = next(iter(line), None)
        shape = SHAPES.get(name, {"": 0}).items()
        shape = [(each, kind) for each, kind in shape if each in line or each not in MISSING]
        need([(each, type(value)) for each, value in line.items()] == shape, "form")
        need(all(0 <= value < 10 ** 15 for value in line.values() if type(value) is int), "form")
        need(line.get("evidence", "amaan-evidence/v1") == "amaan-evidence/v1", "form")
        need(line.get("side", "sender") in ("sender", "receiver"), "form")
        need(re.fullmatch("[0-9a-f]{64}", line.get("opening", "0" * 64)), "form")
        need(all(type(key) is str for key in line.get("witness_keys", [])), "form")
        line["body"], line["before"] = unb64(line.get("body", ""), "form"), before
        for held in line.get("agency_keys", []):
            need(type(held) is dict and [*held] == ["agency", "jwk"] and type(held["jwk"]) is dict, "form")
            need(type(held["agency"]) is str and usable(held["jwk"]), "form")
        need("hub_key" not in line or usable(line["hub_key"]), "form")
        need(self.name in AFTER.get(name, ("entry", "message", "copy")), "order")
        self.name = name
        getattr(self, name)(line)

    def evidence(self, line):
        self.head, self.hub, self.by = line, line["hub"], line["asked_by"]
        self.sends = line["side"] == "sender"

    def ledger_key(self, line):
        self.ledger, self.own = signer(line["ledger_key"], 1), usable(line["hub_key"])
        self.witnesses = [signer(key, 4) for key in line["witness_keys"]]
        held = [(each["agency"], usable(each["jwk"])) for each in line["agency_keys"]]
        self.agencies = {(agency, key[2]): key for agency, key in held}
        need(self.ledger[0] == self.hub and self.own[0] == "EdDSA", "key")
        ledger, hub, agencies = (self.given[name] for name in ("ledger", "hub", "agency"))
        need(ledger in (None, self.ledger) and (hub is None or self.own[:2] in hub), "other-key")
        need(agencies is None or all(key[:2] in agencies for _, key in held), "other-key")

    def entry(self, line):
        index, leaf, proof = line["entry"], line["leaf"].encode(), PROOF.fullmatch(line["proof"])
        need(index > max(self.leaves, default=-1), "entry-order")
        need(proof and int(proof[1]) == index, "proof")
        need(self.note in (None, proof[3]), "other-checkpoint")
        if self.note is None:
            self.cosigned = cosigners(self.ledger, self.witnesses, *proof.groups()[3:7])
            self.note = proof[3]
            need(all(key in self.cosigned for key in self.given["witness"]), "witness-missing")
        need(included(leaf, index, int(proof[5]), proof[2], proof[6]), "inclusion")
        need(len(leaf) <= 1024 and leaf.count(b"{") + leaf.count(b"[") <= 64, "leaf")
        value = loads(line["leaf"], "leaf")
        event, texts = value.get("event"), [value.get("commitment", ""), value.get("signature", "")]
        need(type(value.get("v")) is int and value["v"] == 1 and type(event) is dict, "leaf")
        need(all(type(each) is str for each in [*texts, event.get("kind")]), "leaf")
        self.belongs(event, {name: each for name, each in event.items() if type(each) is str})
        self.leaves[index] = (event, value.get("commitment"), value.get("signature"))

    def belongs(self, event, said):
        """Is it an entry of this referral as this side sees it, and the next?"""
        own, kind = said.get("referral") == self.head["referral"], event["kind"]
        if kind == "request.submitted" and self.sends and not self.leaves:
            self.request = said.get("request")
            need(self.request is not None and said.get("from") == self.by, "other-referral")
        elif kind in ("referral.requested", "referral.drafted") and own and self.parties is None:
            self.parties, self.version = (said.get("from"), said.get("to")), 1
            need(None not in (*self.parties, said.get("delivery")), "other-referral")
            need(self.parties[not self.sends] == self.by, "other-referral")
            need(not self.sends or self.request == said.get("request"), "other-referral")
            self.made.add(said["delivery"])
        elif kind in ("referral.moved", "clock.overdue") and own and self.parties:
            if kind == "referral.moved":
                self.version += 1
                need(type(event.get("version")) is int and event["version"] == self.version, "gap")
            made = event["delivery"].get("delivery") if type(event.get("delivery")) is dict else None
            self.made |= {made} if type(made) is str else set()
        else:
            need(kind == "delivery.moved" and said.get("delivery", 0) in self.made, "other-referral")

    def committed(self, index):
        need(index in self.leaves and self.leaves[index][1] is not None, "no-such-entry")
        return self.leaves[index]

    def message(self, line):
        need(self.parties, "other-referral")
        (event, body, signature), agency = self.committed(line["message"]), line["agency"]
        is_request, text = event["kind"] == "request.submitted", line.get("signature")
        need(agency in self.parties[:1 if is_request else 2], "agency")
        def commits(raw):
            return hmac.new(bytes.fromhex(line["opening"]), raw, "sha256").hexdigest()
        need(commits(line["body"]) == body, "commitment")
        need((signature is None) == (text is None), "signature-missing")
        self.count["messages"] += 1
        if text is not None:
            need(commits(text.encode()) == signature, "commitment")
            claims = {"typ": "amaan-message+jws", "iss": agency, "aud": self.hub}
            said, signed_by = jws(text, "signature", claims, line["body"])
            step, of = event.get("step"), f"referrals/{self.head['referral']}/{event.get('step')}"
            of = f"cases/{event.get('case')}/consent/revoke" if step == "consent-revoked" else of
            paths = ("referrals", "drafts") if is_request else (of,)
            named = event.get("case" if step == "consent-revoked" else "step")
            need(is_request or type(named) is str, "signature")
            need(said.get("target") in [f"POST /v1/{path}" for path in paths], "signature")
            holder = self.agencies.get((agency, str(said.get("kid"))))
            need(type(said.get("kid")) is str and (holder is None or signed_by(holder)), "signature")
            self.count["signed"] += holder is not None

    def copy(self, line):
        need(line["copy"] in self.made, "other-referral")
        claims = {"typ": "amaan-copy+jws", "iss": self.hub, "aud": self.by, "jti": line["copy"]}
        said, signed_by = jws(line["signed"], "copy-signature", claims)
        need(signed_by(self.own), "copy-signature")
        need("entry" not in line or said.get("original") == self.committed(line["entry"])[1], "commitment")
        self.count["copies"] += 1

    def seal(self, line):
        claims = {"typ": "amaan-evidence+jws", "iss": self.hub, "aud": self.by}
        need(self.parties and jws(line["seal"], "seal", claims, line["before"])[1](self.own), "seal")


def judge(bundle, given):
    """The verdict, in one line."""
    judged, end, at = Judge(given), 0, 1
    try:
        need(len(bundle) <= 16 << 20 and bundle.endswith(b"\n"), "not-lines")
        for at, text in enumerate(bundle.decode()[:-1].split("\n"), 1):
            judged.line(text, bundle[:end])
            end += len(text.encode()) + 1
        at += 1
        need(judged.name == "seal", "ends-early")
    except (Refused, UnicodeDecodeError) as why:
        return f"refused line={at} reason={why if isinstance(why, Refused) else 'not-lines'}"
    said = {name: judged.head[name] for name in ("referral", "side")}
    said |= {"entries": len(judged.leaves)} | judged.count
    # The ledger's own line is no cosignature.
    said |= {"witnesses": len(judged.cosigned) - 1, "whole": str(judged.head["whole"]).lower()}
    whose = ("ledger", "hub", "agency")
    said |= {f"{name}-key": "bundle" if given[name] is None else "given" for name in whose}
    return " ".join(["holds", *(f"{name}={value}" for name, value in said.items())])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledger-key")
    parser.add_argument("--witness-key", action="append", default=[])
    for name in ("--hub-keys", "--agency-keys", "file"):
        parser.add_argument(name, type=argparse.FileType("rb"))
    asked, order = parser.parse_args(), ("kty", "crv", "kid", "x", "y", "n", "e")

    def keys(file):
        said = [{"kid": ""} | jwk for jwk in json.load(file)["keys"]] if file else None
        return said and [usable({name: jwk[name] for name in order if name in jwk})[:2] for jwk in said]

    try:
        given = {"ledger": asked.ledger_key and signer(asked.ledger_key.strip(), 1), "hub": keys(asked.hub_keys),
                 "agency": keys(asked.agency_keys),
                 "witness": [signer(key.strip(), 4) for key in asked.witness_key]}
    except (Refused, ValueError, KeyError, TypeError) as wrong:
        parser.error(f"a key that cannot be used: {wrong}")
    verdict = judge(asked.file.read(), given)
    print(verdict)
    for name in re.findall(" ([a-z]+)-key=bundle", verdict):
        print(f"NOT proven: whose the {name} key is; it was taken from the bundle, not checked otherwise")
    return 0 if verdict.startswith("holds") else 1


if __name__ == "__main__":
    sys.exit(main())
