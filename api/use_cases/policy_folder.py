"""The policy folder of a service: read on every change, on a signal, and when somebody asks.

Files come by their number. Those below the active version are history and let lie; the active one is looked at for
edits; those above are candidates, in their order. What was looked at is looked at again when its bytes change, or when
another policy became active.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from adapters.watching import FolderFile, FolderWatch, PolicyFolder, Ticking
from api.use_cases.candidates import CandidateFiles
from api.use_cases.persons import CLOCKWORK
from api.use_cases.policy_log import PolicyEvent
from api.use_cases.policy_standing import standing
from api.use_cases.prepared_plans import kept_up
from api.use_cases.proposals import activated_when_due
from api.use_cases.reloading import Handed, handed_in
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from nodes.vocabulary.errors import AssayError, EdgeError

SETTLED_S = 0.4
"""A file with faults is read again after this time: it may have been read while it was being written."""
_NUMBERED = re.compile(r"v(\d+)\.yaml")


def reread_folder(
    service: Service, principal: str = CLOCKWORK, source: Source = Source.SIGNAL
) -> tuple[CandidateOutcome, ...]:
    """What becomes of every candidate in the service's folder. Raises EdgeError (not-found) when it has none."""
    folder = service.reloads.folder
    if folder is None:
        message = "no policy folder is watched here; serve with --policy-folder, or send the policy itself"
        raise EdgeError(message, reason="not-found")
    active = standing(service).log.active
    return tuple(
        _outcome(service, folder, file, principal, source) for file in folder.files() if _matters(file, active)
    )


def _matters(file: FolderFile, active: PolicyEvent | None) -> bool:
    """Whether a file is not one of the versions before the active one."""
    numbered = _NUMBERED.fullmatch(file.path.name)
    return numbered is None or active is None or int(numbered[1]) >= active.facts["version"]


def _outcome(
    service: Service, folder: PolicyFolder, file: FolderFile, principal: str, source: Source
) -> CandidateOutcome:
    def stays() -> bool:
        time.sleep(SETTLED_S)
        return any(again == file for again in folder.files())

    files = CandidateFiles(file.text, str(file.path), file.cases, file.problem)
    return handed_in(service, Handed(files, principal, source, stays=stays))


@dataclass
class _Looking:
    """What the watch of a folder remembers: the bytes that it looked at, by file.

    Attributes:
        service: what the folder is for.
        folder: the folder; None when there is none.
        seen: digest of what was taken up last, by file.
        is_unsettled: whether something is to be looked at again at the next tick.
    """

    service: Service
    folder: PolicyFolder | None
    seen: dict[str, bytes] = field(default_factory=dict)
    is_unsettled: bool = False

    def look(self) -> None:
        """Take up what changed."""
        folder = self.folder
        if folder is None:
            return
        self.is_unsettled = True  # should a file raise something unforeseen
        is_settled = True
        for file in folder.files():
            files = CandidateFiles(file.text, str(file.path), file.cases, file.problem)
            if self.seen.get(files.file) != files.digest:
                is_settled = self._took_up(folder, file, files) and is_settled
        self.is_unsettled = not is_settled

    def tick(self) -> None:
        """Take up what time brought, and again what could not be settled: last, for only that depends on files."""
        try:
            if activated_when_due(self.service):
                self.seen.clear()
                self.is_unsettled = True
            kept_up(self.service)
        except AssayError:  # the log refuses; it is asked again at the next tick
            self.is_unsettled = True
        if self.is_unsettled:
            self.look()

    def _took_up(self, folder: PolicyFolder, file: FolderFile, files: CandidateFiles) -> bool:
        """Take up a file. Returns whether that settles it: unless its bytes change, nobody need look again."""
        try:
            if not _matters(file, standing(self.service).log.active):
                self.seen[files.file] = files.digest
                return True
            outcome = _outcome(self.service, folder, file, CLOCKWORK, Source.WATCH)
        except AssayError:  # another process was faster, or the log refuses: look again at the next tick
            return False
        if outcome.state is CandidateState.REFUSED and outcome.sequence is None:
            return False
        if outcome.state is CandidateState.ACTIVE:
            self.seen.clear()
        self.seen[files.file] = files.digest
        return outcome.state is not CandidateState.ACTIVE


@contextmanager
def policies_taken_up(service: Service) -> Iterator[None]:
    """A block in which a service takes up policies: from its folder, if it has one, and when scheduled ones are due."""
    service.reloads.warm()
    folder = service.reloads.folder
    looking = _Looking(service, folder)
    taking_up = service.taking_up
    look, tick = partial(taking_up.round, looking.look), partial(taking_up.round, looking.tick)
    watch = Ticking(tick) if folder is None else FolderWatch(folder, look, tick)
    with taking_up.running(), watch:
        yield
