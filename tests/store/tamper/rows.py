"""Columns beside the states, as the hub has them: written again from the description of the tables."""

import json

ENDS = ("rejected", "completed", "failed", "cancelled", "entered-in-error")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"


def register_key(row):
    book = row["book"]
    if book == "incident":
        part = [row["part"]] if "part" in row else []
        return "/".join([book, ".".join([row["condition"], row["agency"], *part])])
    if book == "switch":
        message = kind_name(row["message"]) if "message" in row else "all"
        return "/".join([book, row["agency"], message])
    if book == "break-glass":
        return f"{book}/{row['case']}.{row['person']}"
    if book == "suspension":
        return f"{book}/{row['person']}"
    if book in ("hold", "erasure-copy"):
        return f"{book}/{row['case']}.{row['agency']}"
    if book == "erasure":
        return f"{book}/{row['case']}"
    if book == "ledger-suspect":
        return f"{book}/{row['reason']}"
    if book in ("policy-set", "retention-schedule"):
        return f"{book}/in-force"
    if book == "ledger-epoch":
        return f"{book}/{row['number']}"
    if book == "note-key":
        return f"{book}/{row['key'].split('+')[1]}"
    return f"{book}/{row['id']}"


def kind_name(word):
    return word.replace("-", ".", 1) if word.startswith("identity-") else f"referral.{word}"


def register_open(row):
    if row["book"] == "switch":
        return row["off"]
    if row["book"] in ("suspension", "hold", "ledger-suspect"):
        return "lifted" not in row
    if row["book"] == "erasure":
        return row["status"] == "erasure-ordered"
    if row["book"] == "erasure-copy":
        return "acknowledged" not in row
    if row["book"] in ("ledger-epoch", "note-key", "policy-set", "retention-schedule"):
        return True
    return row["book"] == "person" or row["status"] in ("open", "opened", "recovered")


def register_due(row):
    if row["book"] == "approval" and row["status"] == "open":
        return row["expires"]
    if row["book"] == "break-glass" and row["status"] == "open":
        return row["review_by"]
    if row["book"] == "erasure-copy" and "acknowledged" not in row and not row.get("overdue"):
        return row.get("due")
    if row["book"] == "incident" and row["status"] == "recovered":
        return row["recovered"] + 24 * 3_600 * 1_000_000
    return None


def turn(clocks, changes, at):
    """Clocks after some changes made at one time."""
    clocks = [dict(clock) for clock in clocks]
    for change in changes:
        kind = change["clock"]
        held = [clock for clock in clocks if clock["kind"] == kind]
        if change["do"] in ("start", "stop"):
            clocks = [clock for clock in clocks if clock["kind"] != kind]
        if change["do"] == "start":
            clocks.append({"kind": kind, "started": at, "due": change["due"]})
        for clock in held:
            if change["do"] == "pause":
                clock["paused"] = at
            elif change["do"] == "resume":
                later = change["due"] - clock["due"]
                clock.pop("paused", None)
                clock["due"] = change["due"]
                if "next" in clock:
                    clock["next"] += later
            elif change["do"] == "rung":
                clock["rung"] = change["rung"]
                clock.pop("next", None)
                if change.get("next") is not None:
                    clock["next"] = change["next"]
    return clocks


def wakes(clocks):
    """When the first clock wakes: when it is due, then at each rung; never while it stands still."""
    running = [clock for clock in clocks if "paused" not in clock]
    times = [clock.get("next") if clock.get("rung", 0) else clock["due"] for clock in running]
    return min((time for time in times if time is not None), default=None)


def closed(referral):
    return referral["status"] in ENDS and not referral["clocks"]


def text(state):
    """Compact JSON without what is absent."""
    present = {name: value for name, value in state.items() if value is not None}
    return json.dumps(present, separators=(",", ":"), ensure_ascii=False)


def reference(case):
    value = int(case[3:], 16) & ((1 << 40) - 1)
    digits = "".join(ALPHABET[(value >> (5 * place)) & 31] for place in range(7, -1, -1))
    return f"{digits[:4]}-{digits[4:]}-{ALPHABET[value % 37]}"


def place_of(state, event):
    """The case and referral columns of an entry."""
    kind = event["kind"]
    if kind in ("request.submitted", "identity.moved", "notice.given"):
        return event["case"], None
    if kind == "register.moved" and event["book"] in ("hold", "erasure", "erasure-copy"):
        return event["case"], None
    if kind in ("referral.requested", "referral.drafted"):
        return event["case"], event["referral"]
    if kind in ("referral.moved", "clock.overdue"):
        held = state.referrals.get(event["referral"])
        return (held or {}).get("case"), event["referral"]
    if kind == "delivery.moved":
        held = state.deliveries.get(event["delivery"]) or {}
        return held.get("case"), held.get("referral")
    subject = event.get("subject") or ""
    if kind == "read":
        return (subject if subject.startswith("cs_") else None), (subject if subject.startswith("rf_") else None)
    return None, None
