#!/usr/bin/env python3
"""Checks an evidence bundle of a hub without the hub and without any of its code (ops/docs/evidence.md).

    verify_bundle.py [--ledger-key VKEYS] [--hub-keys JWKS] [--agency-keys JWKS] [--witness-key VKEY]... FILE

Needs the package `cryptography`. VKEYS are the ledger's keys in lines, as `GET /v1/audit/key` gives them; one must
have signed. Says whether it holds, or the first line that is wrong and why; keys that were not given are believed
as they stand in the bundle, and it says so. Exit codes: 0 holds, 1 does not, 2 usage.
"""
import argparse
import contextlib
import hmac
import json
import re
import sys

from verify_jws import jws, loads, unb64, usable
from verify_receipt import PROOF, Refused, included, ledger_keys, need, signer, signers

# What a line has, by its first member; members marked so may be missing.
SHAPES = {
    "evidence": dict(evidence=str, hub=str, referral=str, asked_by=str, side=str, look=int, made=str, whole=bool),
    "ledger_key": dict(ledger_key=str, witness_keys=list, hub_key=dict, agency_keys=list),
    "entry": dict(entry=int, leaf=str, proof=str), "seal": dict(seal=str),
    "message": dict(message=int, agency=str, opening=str, signature=str, body=str),
    "copy": dict(copy=str, entry=int, signed=str)}
MISSING = ("signature", "entry")
AFTER = {"evidence": [None], "ledger_key": ["evidence"], "entry": ["ledger_key", "entry"]}
# After a loss a hub's ledger has another name: the hub's, a number, and what was drawn.
EPOCH = "(/[1-9][0-9]{0,14}-[0-9a-f]{8})?"
# Whose message a step is, the sender's or the receiver's; others are nobody's.
STEPS = dict.fromkeys(("request", "information", "close", "feedback", "cancel-request", "void", "consent-revoked"), 0)
STEPS |= dict.fromkeys(("received", "accept", "reject", "hold", "resume", "progress", "outcome", "cancel-confirm",
                        "cancel-refuse", "purged", "cease"), 1)


class Judge:
    """Reads a bundle; each line has the method of its first member's name."""
    name = note = request = parties = None

    def __init__(self, given):
        self.given, self.leaves, self.made = given, {}, set()
        self.count = dict.fromkeys(("messages", "signed", "unkeyed", "copies"), 0)

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
        need(re.fullmatch(re.escape(self.hub) + EPOCH, self.ledger[0]) and self.own[0] == "EdDSA", "key")
        hub, agencies = self.given["hub"], self.given["agency"]
        need(hub is None or self.own[:2] in [key[:2] for key in hub], "other-key")
        need(agencies is None or all(key in agencies for _, key in held), "other-key")

    def entry(self, line):
        index, leaf, proof = line["entry"], line["leaf"].encode(), PROOF.fullmatch(line["proof"])
        need(index > max(self.leaves, default=-1), "entry-order")
        need(proof and int(proof[1]) == index, "proof")
        need(self.note in (None, proof[3]), "other-checkpoint")
        if self.note is None:
            given, self.note = self.given["ledger"], proof[3]
            signed, self.cosigned = signers([self.ledger, *(given or ())], self.witnesses, *proof.groups()[3:7])
            need(proof[4] == self.ledger[0] and self.ledger in signed, "checkpoint")
            need(given is None or any(key in signed for key in given), "other-key")
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
        step = event.get("step") if event["kind"] == "referral.moved" else "request" if is_request else None
        need(type(step) is str and step in STEPS and agency == self.parties[STEPS[step]], "agency")
        def commits(raw):
            return hmac.new(bytes.fromhex(line["opening"]), raw, "sha256").hexdigest()
        need(commits(line["body"]) == body, "commitment")
        need((signature is None) == (text is None), "signature-missing")
        self.count["messages"] += 1
        if text is not None:
            need(commits(text.encode()) == signature, "commitment")
            claims = {"typ": "amaan-message+jws", "iss": agency, "aud": self.hub}
            said, signed_by = jws(text, "signature", claims, line["body"])
            of, case = f"referrals/{self.head['referral']}/{step}", event.get("case")
            of = f"cases/{case}/consent/revoke" if step == "consent-revoked" and type(case) is str else of
            need(step != "consent-revoked" or type(case) is str, "signature")
            paths = ("referrals", "drafts") if is_request else (of,)
            need(said.get("target") in [f"POST /v1/{path}" for path in paths], "signature")
            need(type(said.get("kid")) is str, "signature")
            held = self.agencies.get((agency, said["kid"]))
            # A key that was given counts also where the bundle does not name it.
            keys = [held] if held else [key for key in self.given["agency"] or () if key[2] == said["kid"]]
            need(not keys or any(signed_by(key) for key in keys), "signature")
            self.count["signed" if keys else "unkeyed"] += 1

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
    said |= {"witnesses": len(judged.cosigned), "whole": str(judged.head["whole"]).lower()}
    whose = ("ledger", "hub", "agency")
    said |= {f"{name}-key": "bundle" if given[name] is None else "given" for name in whose}
    return " ".join(["holds", *(f"{name}={value}" for name, value in said.items())])


def not_proven(verdict):
    """What a bundle that holds leaves open, as the program lists it too."""
    said = dict(re.findall(" ([a-z-]+)=([^ ]*)", verdict))
    for name in ("ledger", "hub", "agency"):
        if said[f"{name}-key"] == "bundle" and (name != "agency" or said["signed"] != "0"):
            yield f"whose the {name} key is; it was taken from the bundle, not checked otherwise"
    if said["witnesses"] == "0":
        yield "that the hub shows everybody the same ledger: no witness has cosigned"
    if said["unkeyed"] != "0":
        yield f"{said['unkeyed']} signature(s) of agencies: their keys are neither in the bundle nor given"
    if said["whole"] == "false":
        yield "that nothing is missing: the hub says that it left some of it out for its size"
    yield "that nothing else happened: no step is missing between those shown, later ones and deliveries can be"
    yield "that what the messages say is true; times are the hub's clock"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledger-key")
    parser.add_argument("--witness-key", action="append", default=[])
    for name in ("--hub-keys", "--agency-keys", "file"):
        parser.add_argument(name, type=argparse.FileType("rb"))
    asked, order = parser.parse_args(), ("kty", "crv", "kid", "x", "y", "n", "e")

    def keys(file):
        """Those of the kinds that sign here; what else stands in the set is passed over."""
        found = []
        for jwk in json.load(file)["keys"]:
            with contextlib.suppress(Refused):
                found.append(usable({name: jwk[name] for name in order if name in jwk}))
        return found

    try:
        given = {"ledger": None if asked.ledger_key is None else ledger_keys(asked.ledger_key),
                 "hub": asked.hub_keys and keys(asked.hub_keys),
                 "agency": asked.agency_keys and keys(asked.agency_keys),
                 "witness": [signer(key.strip(), 4) for key in asked.witness_key]}
    except (Refused, ValueError, KeyError, TypeError) as wrong:
        parser.error(f"a key that cannot be used: {wrong}")
    verdict = judge(asked.file.read(), given)
    print(verdict)
    if not verdict.startswith("holds"):
        return 1
    for what in not_proven(verdict):
        print(f"NOT proven: {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
