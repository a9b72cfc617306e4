"""A server's tables in SQLite files and back: so that one text of each edit serves both engines. What an
edit changed is found by comparing, and only that is written to the server, past the hub.
"""

import csv
import io
import os
import shutil
import sqlite3
import subprocess
import urllib.parse

PSQL_SECONDS_MAX = 120
NOTHING = "\\N"
COLUMNS = ("SELECT table_name, column_name, data_type FROM information_schema.columns "
           "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position")
PRIMARY = ("SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
           "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) "
           "JOIN pg_namespace n ON n.oid = c.relnamespace "
           "WHERE i.indisprimary AND n.nspname = 'public' ORDER BY 1, 2")
TYPES = {"bytea": "BLOB", "boolean": "BOOLEAN", "bigint": "BIGINT", "integer": "INTEGER"}


class Server:
    """psql on one server."""

    def __init__(self, url, ca):
        self.url, self.ca = urllib.parse.urlsplit(url), ca

    def at(self, database):
        return urllib.parse.urlunsplit(self.url._replace(path=f"/{database}", query=""))

    def run(self, script, database=None):
        """What a script says; it fails as a whole or not at all."""
        environment = dict(os.environ, PGSSLMODE="verify-full", PGSSLROOTCERT=self.ca)
        command = ["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-f", "-",
                   self.at(database or self.url.path[1:])]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False,
                              timeout=PSQL_SECONDS_MAX, env=environment)
        if done.returncode != 0:
            raise OSError(f"psql: {done.stderr[-500:]}")
        return done.stdout

    def rows(self, query, database):
        out = self.run(f"COPY ({query}) TO STDOUT (FORMAT csv, NULL '{NOTHING}');", database)
        return list(csv.reader(io.StringIO(out)))

    def copy(self, database, name):
        """Another database with the same in it; nobody may be connected to the first."""
        self.drop(name)
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{database}";')

    def drop(self, name):
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')


class Mirror:
    """One database of a server, as a SQLite file."""

    def __init__(self, server, database, file):
        self.server, self.file = server, file
        self.types, self.primary = {}, {}
        for table, column, kind in server.rows(COLUMNS, database):
            if not table.startswith("__"):
                self.types.setdefault(table, {})[column] = kind
        for table, column in server.rows(PRIMARY, database):
            self.primary.setdefault(table, []).append(column)
        with sqlite3.connect(file) as conn:
            for table, columns in self.types.items():
                declared = ", ".join(f'"{name}" {TYPES.get(kind, "TEXT")}' for name, kind in columns.items())
                conn.execute(f"CREATE TABLE {table} ({declared})")
                rows = [self.here(table, row) for row in server.rows(f"SELECT * FROM {table}", database)]
                conn.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(columns))})", rows)
        conn.close()

    def here(self, table, row):
        return [value_here(value, kind) for value, kind in zip(row, self.types[table].values())]

    def copied(self, file):
        shutil.copy(self.file, file)

    def push(self, file, database):
        """Writes what differs between the mirror and an edited copy of it into a database like the mirrored one."""
        script = ["BEGIN;"]
        before, after = (sqlite3.connect(each) for each in (self.file, file))
        inserts = []
        for table in self.types:
            was, now = (set(each.execute(f"SELECT * FROM {table}")) for each in (before, after))
            script += self.deletes(table, was - now)
            inserts += self.inserts(table, now - was)
        before.close()
        after.close()
        self.server.run("\n".join([*script, *inserts, "COMMIT;"]) + "\n", database)

    def deletes(self, table, rows):
        if not rows:
            return []
        names = list(self.types[table])
        by = [names.index(column) for column in self.primary[table]]
        keys = ", ".join("(" + ", ".join(literal(row[at]) for at in by) + ")" for row in sorted(rows, key=repr))
        columns = ", ".join(names[at] for at in by)
        return [f"DELETE FROM {table} WHERE ({columns}) IN ({keys});"]

    def inserts(self, table, rows):
        if not rows:
            return []
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        kinds = list(self.types[table].values())
        for row in sorted(rows, key=repr):
            writer.writerow([value_there(value, kind) for value, kind in zip(row, kinds)])
        return [f"COPY {table} FROM STDIN (FORMAT csv, NULL '{NOTHING}');\n{out.getvalue()}\\."]


def value_here(value, kind):
    if value == NOTHING:
        return None
    if kind == "bytea":
        return bytes.fromhex(value[2:])
    if kind == "boolean":
        return int(value == "t")
    return int(value) if kind in ("bigint", "integer") else value


def value_there(value, kind):
    if value is None:
        return NOTHING
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if kind == "boolean":
        return "t" if value else "f"
    return str(value)


def literal(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
