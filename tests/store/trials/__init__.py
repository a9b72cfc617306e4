"""Trials of the forger in `tests/store/tamper` against `amaan audit verify`, on stores that a hub has
lived in: who makes them (`life.py`), copies of them on either engine (`engines.py`), one trial
(`trial.py`), and what is tried beneath a hub that runs (`live.py`). The command is `ops/tamper`.
"""
