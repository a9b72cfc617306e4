"""Edits of what lies beside the ledger: states, their columns, forged rows, lines of the outbox."""

import json

from .held import must
from .rows import text


def state_edited(store):
    """One state, as the hub would read it."""
    table, row, index = store.state_row()
    state = json.loads(store.conn.execute(f"SELECT state FROM {table} WHERE id = ?", (row,)).fetchone()[0])
    name = store.draw.choice([each for each in state if each != "id"])
    state[name] = 7 if state[name] != 7 else 8
    store.conn.execute(f"UPDATE {table} SET state = ? WHERE id = ?", (text(state), row))
    return must("state-mismatch", index, what=f"{table}.state, member {name}")


def state_column(store):
    """One column beside a state, by which lists and counts are made."""
    table, row, index = store.state_row()
    columns = {each[1]: each[2] for each in store.conn.execute(f"PRAGMA table_info({table})")}
    column = store.draw.choice([name for name in columns if name not in ("id", "state")])
    # What was empty changes too; a number changes as a number, because that is how it is read.
    if column == "closed":
        value = f"NOT {column}"
    elif "INT" in columns[column].upper():
        value = f"COALESCE({column}, 0) + 1"
    else:
        value = f"COALESCE({column}, '') || 'x'"
    store.conn.execute(f"UPDATE {table} SET {column} = {value} WHERE id = ?", (row,))
    return must("state-mismatch", index, what=f"{table}.{column}")


def state_deleted(store):
    """One state's row."""
    table, row, index = store.state_row()
    store.conn.execute(f"DELETE FROM {table} WHERE id = ?", (row,))
    return must("state-missing", index, what=table)


def state_forged(store):
    """A referral that no entry made."""
    columns = [each[1] for each in store.conn.execute("PRAGMA table_info(referrals)")]
    row = list(store.conn.execute("SELECT * FROM referrals LIMIT 1").fetchone())
    forged = "rf_" + "e" * 32
    row[columns.index("state")] = row[columns.index("state")].replace(row[0], forged)
    row[0] = forged
    store.conn.execute(f"INSERT INTO referrals VALUES ({','.join('?' * len(row))})", row)
    return must("state-unknown", store.size)


def status_flipped(store):
    """A delivery's end, as the hub would have written it, without an entry."""
    flipped = "UPDATE deliveries SET status = ?, state = ? WHERE id = ?"
    return rewritten(store, "deliveries", flipped, lambda state: other(state, "status", ("delivered", "refused")))


def referral_flipped(store):
    """A referral's status, as the hub would have written it, without an entry."""
    flipped = "UPDATE referrals SET status = ?, state = ? WHERE id = ?"
    return rewritten(store, "referrals", flipped, lambda state: other(state, "status", ("accepted", "completed")))


def delivery_led_astray(store):
    """A delivery's recipient, in its row and in its state: the next attempt would go to another agency."""
    led = "UPDATE deliveries SET to_agency = ?, state = ? WHERE id = ?"
    return rewritten(store, "deliveries", led, lambda state: other(state, "to", ("laja", "cpi")))


def referral_led_astray(store):
    """A referral's receiver, in its row and in its state: another agency would read it."""
    led = "UPDATE referrals SET to_agency = ?, state = ? WHERE id = ?"
    return rewritten(store, "referrals", led, lambda state: other(state, "to", ("laja", "cpi")))


def line_led_astray(store):
    """A line of the outbox, work and no fact, that leads to another agency than its delivery goes to."""
    rows = list(store.conn.execute("SELECT id, to_agency FROM deliveries ORDER BY id"))
    row, to = store.draw.choice(rows)
    astray = "laja" if to != "laja" else "cpi"
    store.conn.execute("DELETE FROM outbox WHERE delivery_id = ?", (row,))
    columns = [each[1] for each in store.conn.execute("PRAGMA table_info(outbox)")]
    line = {"delivery_id": row, "to_agency": astray, "emergency": 0, "ready_at": 0, "confirmed": 0}
    marks = ",".join("?" * len(columns))
    store.conn.execute(f"INSERT INTO outbox VALUES ({marks})", [line.get(column) for column in columns])
    return must("line-misled", store.follow().moved[row])


def referral_forged(store):
    """A referral with its delivery and its way into the outbox, as if somebody had sent it: no entry made it."""
    pairs = {}
    for table in ("referrals", "deliveries"):
        columns = [each[1] for each in store.conn.execute(f"PRAGMA table_info({table})")]
        pairs[table] = (columns, list(store.conn.execute(f"SELECT * FROM {table} ORDER BY id LIMIT 1").fetchone()))
    forged = {"rf_": "rf_" + "d" * 32, "dl_": "dl_" + "d" * 32}
    for table, (columns, row) in pairs.items():
        old = {"rf_": row[0] if table == "referrals" else row[columns.index("referral_id")]}
        if table == "deliveries":
            old["dl_"] = row[0]
        for prefix, id in old.items():
            row = [each.replace(id, forged[prefix]) if isinstance(each, str) else each for each in row]
        store.conn.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)
    return must("state-unknown", store.size)


def rewritten(store, table, statement, change):
    """One row whose state and column say something else, both alike."""
    rows = list(store.conn.execute(f"SELECT id, state FROM {table} ORDER BY id"))
    row, state = store.draw.choice(rows)
    state = json.loads(state)
    value = change(state)
    store.conn.execute(statement, (value, text(state), row))
    return must("state-mismatch", store.follow().moved[row], what=f"{table} {row}")


def other(state, name, words):
    state[name] = next(word for word in words if word != state[name])
    return state[name]


EDITS = (
    state_edited,
    state_column,
    state_deleted,
    state_forged,
    status_flipped,
    referral_flipped,
    delivery_led_astray,
    referral_led_astray,
    line_led_astray,
    referral_forged,
)
