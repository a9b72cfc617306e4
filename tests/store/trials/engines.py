"""Copies of one store on either engine, to be edited and verified. The forger edits SQLite files; on
PostgreSQL those are a mirror, and what he changed is written to a database of the trial's own.
"""

import os
import pathlib
import shutil
import sqlite3

from common import secret_file
from tamper.mirror import Mirror, Server

NEWEST = "checkpoint.latest"
FILES = ("amaan.db", "keys.db", "keys-old.db")


class Copy:
    """A folder for the forger, a folder with the newest checkpoint, and the configuration that names both."""

    def __init__(self, files, data, config, push=lambda: None):
        self.files, self.data, self.config, self.push = files, data, config, push


class Sqlite:
    """Files, copied."""

    name = "sqlite"

    def __init__(self, life, folder):
        self.life, self.folder = life, pathlib.Path(folder)
        self.base, self.old = self.folder / "base", self.folder / "old"
        self.base.mkdir()
        for name in ("amaan.db", "keys.db"):
            settled(pathlib.Path(life.data) / name, self.base / name)
        shutil.copy(pathlib.Path(life.data) / NEWEST, self.base / NEWEST)
        restored(life, self.old, [])
        shutil.copy(self.old / "keys.db", self.base / "keys-old.db")

    def fresh(self, old=False):
        files = emptied(self.folder / "copy")
        for file in (self.old if old else self.base).iterdir():
            if file.name in (*FILES, NEWEST):
                shutil.copy(file, files / file.name)
        return Copy(files, files, self.life.configuration(self.folder / "copy.toml", files))

    def close(self):
        """Nothing outside its folder."""


class Postgres:
    """Databases, copied by the server."""

    name = "postgres"

    def __init__(self, life, folder):
        self.life, self.folder = life, pathlib.Path(folder)
        self.server = Server(os.environ["AMAAN_STORE_URL"], os.environ["AMAAN_CA_FILE"])
        self.main, self.keys = life.wiring.databases
        prefix = life.wiring.prefix.replace("-", "_")
        self.trial = [f"{prefix}_trial_{part}" for part in ("main", "keys")]
        self.before = [f"{prefix}_old_{part}" for part in ("main", "keys")]
        self.mirrors = self.folder / "mirror"
        self.mirrors.mkdir()
        for name in self.before:
            self.server.run(f'CREATE DATABASE "{name}";')
        self.old = self.folder / "old"
        restored(life, self.old, self.store(self.before))
        self.main_mirror = Mirror(self.server, self.main, self.mirrors / "amaan.db")
        self.keys_mirror = Mirror(self.server, self.keys, self.mirrors / "keys.db")
        Mirror(self.server, self.before[1], self.mirrors / "keys-old.db")
        Mirror(self.server, self.before[0], self.old / "amaan.db")

    def store(self, names):
        files = [secret_file(str(self.folder / f"{name}.url"), self.server.at(name)) for name in names]
        return [f'[store]\nurl_file = "{files[0]}"\nkeys_url_file = "{files[1]}"\nca_file = "{self.server.ca}"\n']

    def fresh(self, old=False):
        files, data = emptied(self.folder / "copy"), emptied(self.folder / "data")
        from_main, from_keys = self.before if old else (self.main, self.keys)
        self.server.copy(from_main, self.trial[0])
        self.server.copy(from_keys, self.trial[1])
        shutil.copy((self.old if old else pathlib.Path(self.life.data)) / NEWEST, data / NEWEST)
        for file in self.mirrors.iterdir():
            shutil.copy(file, files / file.name)
        if old:
            shutil.copy(self.old / "amaan.db", files / "amaan.db")
        config = self.life.configuration(self.folder / "copy.toml", data, self.store(self.trial))

        def push():
            if not old:
                self.main_mirror.push(files / "amaan.db", self.trial[0])
                self.keys_mirror.push(files / "keys.db", self.trial[1])

        return Copy(files, data, config, push)

    def close(self):
        for name in (*self.trial, *self.before):
            self.server.drop(name)


ENGINES = {"sqlite": Sqlite, "servers": Postgres}


def restored(life, folder, store):
    """The old backup, brought back by the program as an operator would."""
    folder.mkdir()
    config = life.configuration(folder.with_suffix(".toml"), folder, store)
    life.amaan("backup", "restore", "--config", str(config), "--main", life.old["main"], "--keys", life.old["keys"])


def settled(file, to):
    """One file, without a log beside it."""
    conn = sqlite3.connect(file)
    conn.execute("VACUUM INTO ?", (str(to),))
    conn.close()


def emptied(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
