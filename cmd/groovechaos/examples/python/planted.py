"""Faults that are planted on purpose, to show what the chaos stage finds: each takes one thing
away from the sound caller or the honest service. PLANTED=name python3 -m unittest runs with one."""

from groove import Policy
from service import Told


class RepeatsWrites(Policy):
    def repeats(self, method, status):
        return method == "POST" or super().repeats(method, status)


class IgnoresRetryAfter(Policy):
    def wait(self, k, retry_after):
        return super().wait(k, None)


class NeverRepeats503(Policy):
    def repeats(self, method, status):
        return status != 503 and super().repeats(method, status)


class KeepsExpiredToken(Policy):
    def refreshes(self, code):
        return False


class HidesErrors(Told):
    def error(self, error):
        return 200, {"items": [], "partial": False}


PLANTED = {
    "repeats-writes": RepeatsWrites,
    "ignores-retry-after": IgnoresRetryAfter,
    "never-repeats-503": NeverRepeats503,
    "keeps-expired-token": KeepsExpiredToken,
    "hides-errors": HidesErrors,
}


def parts(name):
    """The policy and the words of a planted fault, None for those that are sound."""
    kind = PLANTED.get(name)
    if kind is None:
        return None, None
    return (kind(), None) if issubclass(kind, Policy) else (None, kind())
