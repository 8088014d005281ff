"""Lineage from the database: rows are checked, since the file may come from anywhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from guidewidgets.genome_data import word
from guidewidgets.session.journal import LineageNode
from guidewidgets.untrusted import SessionFileError, whole

CANDIDATES = """SELECT candidates.id, candidates.job, jobs.operator FROM candidates
    LEFT JOIN jobs ON jobs.number = candidates.job WHERE candidates.id BETWEEN ? AND ? ORDER BY candidates.id"""
PARENTS = "SELECT child, parent FROM parents WHERE child BETWEEN ? AND ? ORDER BY child, place"
UNKNOWN = "unknown"


def lineage_nodes(rows: Callable[..., list[Any]], first: int, last: int) -> list[LineageNode]:
    """Lineage of the candidates numbered first to last; what cannot be read of it is left out.

    Args:
        rows: gives the rows of a query.
        first: number of a candidate, included.
        last: number of a candidate, included.
    """
    parents: dict[int, list[int]] = {}
    for child, parent in rows(PARENTS, first, last):
        with contextlib.suppress(SessionFileError):  # one edge less
            parents.setdefault(child, []).append(whole({"parent": parent}, "parent"))
    nodes: list[LineageNode] = []
    for number, job, operator in rows(CANDIDATES, first, last):
        try:
            made_by = whole({"job": job}, "job"), word({"operator": operator}, "operator")
        except SessionFileError:
            made_by = 0, UNKNOWN
        nodes.append(LineageNode(number, *made_by, tuple(parents.get(number, ()))))
    return nodes
