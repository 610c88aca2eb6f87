"""Verification of a whole log: every byte of entries, bodies, tiles, checkpoints and state, each fault located.

    files         what is published is listed first, so that a log that grows meanwhile is no finding
    snapshot      one consistent view of the database, in which all that follows is read
    structure     what the database itself finds wrong
    entries       each against its own bytes, its neighbours and the tree        governance.verify_entries
    tree          stored nodes, head and the roots of all checkpoints            governance.verify_tree
    tiles         published tiles and bundles against the entries                governance.verify_tiles
    bodies        each against its ref; each needed by an entry, none missing    governance.verify_state
    state         seals; activations, answers and orders against the entries     governance.verify_state

Where a row and the tree disagree, the tree decides which bytes are the true ones, so that one flipped byte is one
finding and not a finding for all that stands on it.
"""

from __future__ import annotations

from governance.checkpoints import opened_checkpoint
from governance.findings import Notebook, Progress, Report
from governance.notes import VerifierKey
from governance.ports import LogStore, Publication
from governance.tiles import CHECKPOINT_PATH
from governance.verify_entries import Blocks
from governance.verify_state import check_bodies, check_state
from governance.verify_tiles import PublishedTiles
from governance.verify_tree import Tree
from nodes.vocabulary.errors import LogError
