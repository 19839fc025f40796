"""What the entries of one learner say."""


class Record:
    """entries: the oldest first. A choice is its place, from 0."""

    def __init__(self, entries):
        self.entries = entries

    def of(self, id, *kinds):
        """Return the entries of these kinds on one card."""
        return [each for each in self.entries if each["id"] == id and each["kind"] in kinds]

    def chosen(self, kind, id, opening=None):
        """Return the last choice, or None."""
        places = [e["chose"] for e in self.of(id, kind) if e.get("opening") == opening]
        return places[-1] if places else None

    def votes(self, id):
        """Return the first choice and the last before the reveal told; None and None without."""
        both = self.of(id, "prediction", "reveal")
        told = next((i for i, each in enumerate(both) if each["kind"] == "reveal"), len(both))
        return (both[0]["chose"], both[told - 1]["chose"]) if told else (None, None)

    def first(self, id):
        """Return what was chosen first where the question was asked last, or None."""
        firsts = {}
        for each in self.of(id, "question"):
            firsts.setdefault(each.get("opening"), each["chose"])
        return [None, *firsts.values()][-1]

    def solved(self, id):
        """Whether a check has found the answer right."""
        return any(not each["mistakes"] for each in self.of(id, "check"))
