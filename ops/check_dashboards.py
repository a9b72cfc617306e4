#!/usr/bin/env python3
"""Holds the dashboard, the alert rules and the list of metrics to what a hub really shows.

    ops/check_dashboards.py METRICS.txt

METRICS.txt is the answer of `GET /metrics` of a hub that has worked for a while, such as the sandbox after its
story. Every metric and label that ops/dashboards/amaan.json and alerts.yaml use has to stand in
ops/docs/metrics.md (which is generated); everything that METRICS.txt shows has to stand there too, with those
labels and that kind; gauges without labels have to be there; no metric may be labelled by a case or a person; every
rule needs its annotations and a runbook that exists. It prints one line for each thing that does not hold.
`promtool` is asked as well where it is installed.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

OPS = Path(__file__).resolve().parent
DASHBOARD = OPS / "dashboards" / "amaan.json"
RULES = OPS / "dashboards" / "alerts.yaml"
LIST = OPS / "docs" / "metrics.md"
# Parts of a label's name that would tell of a single child or person.
FORBIDDEN = ("case", "person", "client", "referral", "delivery", "subject", "child", "user", "token", "request")
# What Prometheus itself adds.
BUILT_IN_LABELS = {"job", "instance", "le"}
BUILT_IN_METRICS = {"up": set()}
# Shown only by a hub that has a broker.
BROKER = "amaan_queue_"
WORDS = {
    "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool",
    "inf", "nan",
}
ANNOTATIONS = ("summary", "description", "runbook_url")
SEVERITIES = {"page", "ticket"}
PANEL_KEYS = ("id", "type", "title", "gridPos")
faults = []


def fault(text):
    faults.append(text)


def declared():
    """Name -> (kind, labels), from the generated page."""
    row = re.compile(r"^\| `([a-z_:]+)` \| (counter|gauge|histogram) \| ([^|]*) \|")
    found = {}
    for line in LIST.read_text().splitlines():
        match = row.match(line)
        if match:
            found[match[1]] = (match[2], set(re.findall(r"`(\w+)`", match[3])))
    return found


def check_names(known):
    for name, (kind, labels) in known.items():
        if (kind == "counter") != name.endswith("_total"):
            fault(f"{name}: a {kind}; `_total` stands at the end of counters only")
        for label in labels:
            if any(word in label for word in FORBIDDEN):
                fault(f"{name}: the label `{label}` may tell of a single child or person")


def base(name, known):
    """The declared metric behind a series: a histogram shows as three."""
    for end in ("_bucket", "_sum", "_count"):
        stem = name.removesuffix(end)
        if stem != name and known.get(stem, ("",))[0] == "histogram":
            return stem
    return name


def check_shown(text, known):
    """What a hub shows is declared, of that kind, with exactly those labels."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    seen = set()
    for line in text.splitlines():
        match = re.match(r"^([a-zA-Z_:]\w*)(?:\{(.*)\})? \S+$", line)
        if line.startswith("#") or not line or not match:
            continue
        name = base(match[1], known)
        labels = set(re.findall(r'(\w+)="', match[2] or "")) - {"le"}
        if name not in known:
            fault(f"/metrics shows {match[1]}, which no crate declares")
        elif labels != known[name][1]:
            fault(f"/metrics shows {match[1]} with labels {sorted(labels)}, declared are {sorted(known[name][1])}")
        elif kinds.get(name) != known[name][0] and name not in seen:
            fault(f"/metrics shows {name} as {kinds.get(name)}, declared is a {known[name][0]}")
        seen.add(name)
    for name, (kind, labels) in sorted(known.items()):
        if name not in seen and not name.startswith(BROKER) and (kind == "gauge" or (kind == "counter" and not labels)):
            fault(f"/metrics does not show {name}, which is there from the start")
    return seen


def uses(expression):
    """Metrics, and labels with the metric they stand at (or none), of one PromQL expression."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    text = re.sub(r"\[[^\]]*\]", " ", text)
    text = re.sub(r"\boffset\s+\w+", " ", text)
    metrics, labels = set(), set()
    for name, inside in re.findall(r"([a-zA-Z_:]\w*)\s*\{([^}]*)\}", text):
        labels |= {(name, label) for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inside)}
    text = re.sub(r"\{[^}]*\}", " ", text)
    grouping = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)"
    for inside in re.findall(grouping, text):
        labels |= {(None, label.strip()) for label in inside.split(",") if label.strip()}
    text = re.sub(grouping, " ", text)
    for match in re.finditer(r"(?<![\w.])([a-zA-Z_:]\w*)(\s*\()?", text):
        if not match[2] and match[1].lower() not in WORDS:
            metrics.add(match[1])
    return metrics, labels


def check_expression(where, expression, known, used):
    metrics, labels = uses(expression)
    if not metrics:
        fault(f"{where}: no metric in `{expression}`")
    here = set()
    for name in metrics:
        if name in BUILT_IN_METRICS:
            continue
        stem = base(name, known)
        if stem not in known:
            fault(f"{where}: no crate declares {name}")
            continue
        if known[stem][0] == "histogram" and stem == name:
            fault(f"{where}: {name} is a histogram; use _bucket, _sum or _count")
        used.add(stem)
        here |= known[stem][1]
    for metric, label in labels:
        allowed = known.get(base(metric, known), ("", set()))[1] if metric else here
        if label not in allowed | BUILT_IN_LABELS:
            fault(f"{where}: {metric or 'no metric there'} has no label `{label}`")
    return here


def check_dashboard(known, used):
    board = json.loads(DASHBOARD.read_text())
    for key in ("title", "uid", "schemaVersion", "panels", "templating", "time"):
        if key not in board:
            fault(f"amaan.json: no `{key}`")
    ids = [panel.get("id") for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        fault("amaan.json: two panels have one id")
    variables = {one["name"] for one in board["templating"]["list"]}
    for panel in board["panels"]:
        where = f"amaan.json, panel `{panel.get('title')}`"
        for key in PANEL_KEYS:
            if key not in panel:
                fault(f"{where}: no `{key}`")
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24 or place["h"] < 1:
            fault(f"{where}: does not fit the grid")
        if panel["type"] != "row" and not panel.get("targets"):
            fault(f"{where}: shows nothing")
        for target in panel.get("targets", []):
            here = check_expression(where, target["expr"], known, used)
            for label in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
                if label not in here | BUILT_IN_LABELS:
                    fault(f"{where}: its legend names `{label}`, which is no label there")
        for variable in re.findall(r"\$\{?(\w+)", json.dumps(panel)):
            if variable not in variables:
                fault(f"{where}: no variable `{variable}`")
    for one in board["templating"]["list"]:
        match = re.fullmatch(r"label_values\((\w+), (\w+)\)", one.get("definition", ""))
        if match and match[2] not in known.get(match[1], ("", set()))[1]:
            fault(f"amaan.json: the variable `{one['name']}` asks for what is not there")
    return len(ids)


def rules():
    """The rules, each as a table. Only the plain form that the file keeps to: one line for each value."""
    found, rule = [], None
    for number, line in enumerate(RULES.read_text().splitlines(), 1):
        match = re.match(r"^\s*(- )?(\w+):\s*(.*)$", line)
        if line.lstrip().startswith("#") or not match:
            continue
        if match[2] == "alert":
            rule = {"alert": match[3], "line": number}
            found.append(rule)
        elif rule is not None and match[3]:
            rule[match[2]] = match[3]
    return found


def check_rules(known, used):
    found = rules()
    names = [rule["alert"] for rule in found]
    if len(set(names)) != len(names):
        fault("alerts.yaml: two rules have one name")
    for rule in found:
        where = f"alerts.yaml:{rule['line']} {rule['alert']}"
        here = check_expression(where, rule.get("expr", ""), known, used)
        if rule.get("severity") not in SEVERITIES:
            fault(f"{where}: severity is one of {sorted(SEVERITIES)}")
        for key in ANNOTATIONS:
            if not rule.get(key):
                fault(f"{where}: no {key}")
        book = rule.get("runbook_url", "none")
        if not (OPS.parent / book).is_file():
            fault(f"{where}: {book} does not exist")
        for label in re.findall(r"\$labels\.(\w+)", " ".join(rule.get(key, "") for key in ANNOTATIONS)):
            if label not in here | BUILT_IN_LABELS:
                fault(f"{where}: its text names the label `{label}`, which is not there")
    return len(found)


def ask_promtool():
    promtool = shutil.which("promtool")
    if not promtool:
        print("not run: promtool is not installed (Debian: package prometheus)")
        return
    said = subprocess.run([promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    if said.returncode != 0:
        fault(f"promtool: {said.stdout}{said.stderr}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    known, used = declared(), set()
    check_names(known)
    shown = check_shown(Path(sys.argv[1]).read_text(), known)
    panels, alerts = check_dashboard(known, used), check_rules(known, used)
    ask_promtool()
    for text in faults:
        print(text)
    quiet = sorted(used - shown)
    if quiet:
        print(f"used, but not counted in this run: {', '.join(quiet)}")
    print(f"{len(known)} metrics, {panels} panels, {alerts} rules, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
