"""The messages of a measurement: referrals of about 1,500 bytes about invented children, one for each of
three agencies in turn, one for all three at once, and one that no schema takes.
"""

import json
import os

RECIPIENTS = {"nccia": "SVC-CYBER", "laja": "SVC-LEGAL", "cpi": "SVC-SHELTER"}
BYTES = 1500
SENTENCE = "Test Child 7 was found at an invented bus station and says that nobody was with her. "


def referral(agencies, narrative=""):
    """A request as ICT Police would send it; the purpose allows each of the three agencies."""
    return {
        "schema": "referral.request/v1",
        "recipients": [{"agency": agency, "service": RECIPIENTS[agency]} for agency in agencies],
        "priority": "normal",
        "purpose": "justice",
        "reasons": ["RSN-ONLINE", "RSN-FOUND"],
        "child": {
            "case_code": "ICTP-2026-0007",
            "name": {"full": "Test Child 7", "known_as": "Seven"},
            "age": {"years": 9, "basis": "EST"},
            "sex": "F",
            "languages": ["prs", "urd"],
            "separated": "unaccompanied",
        },
        "incident": {"acts": ["HV-308"], "district": "PK401", "setting": "online", "online": True,
                     "occurred_on": "2026-11"},
        "legal": {"fir": {"station": "Test Station 7", "year": 2026, "number": "7"}, "stage": "registered"},
        "consent": {
            "basis": "best-interests",
            "override_reason": "nobody-to-ask",
            "supervisor": {"name": "Test Officer 9", "position": "Inspector"},
        },
        "referred_by": {"name": "Test Officer 7", "position": "Sub-inspector", "phone": "+920000000000"},
        "narrative": narrative,
        "statistics": {"sex": {"value": "F"}, "age_band": {"value": "Y5T9"}},
    }


def padded(agencies):
    """With a narrative that brings it to its length."""
    missing = BYTES - len(json.dumps(referral(agencies)))
    story = (SENTENCE * (missing // len(SENTENCE) + 1))[:missing]
    # A text may not end in a space.
    return json.dumps(referral(agencies, story[:-1] + "."))


def write(folder):
    """The files: `each` in turn, `all` at once, `invalid`."""
    def put(name, content):
        path = os.path.join(folder, f"{name}.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    invalid = json.loads(padded(["laja"]))
    del invalid["statistics"]
    return {
        "each": [put(agency, padded([agency])) for agency in RECIPIENTS],
        "all": [put("all", padded(list(RECIPIENTS)))],
        "invalid": [put("invalid", json.dumps(invalid))],
    }
