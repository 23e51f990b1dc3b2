"""The two kinds of error: a refusal is written for a person, anything else is a bug with a code."""


class Refusal(Exception):
    """An expected "no". The docstring of each subclass is what the person reads: what happened, what to do next.

    `Refusal("…")` with a sentence of its own is for the cases that have to name a thing.
    """

    def __init__(self, words: str | None = None) -> None:
        super().__init__(words or " ".join((type(self).__doc__ or "").split()))

    @property
    def words(self) -> str:
        """The sentence to show."""
        return str(self.args[0])


class NotYours(Refusal):
    """I can't find that any more. Say `home` to see what is open for you."""


class NotAllowed(Refusal):
    """That isn't something you can do here. Say `help` to see what you can."""


class Failed(Exception):
    """A bug or a fault: everything was rolled back and logged under `code`, which the person is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unavailable(Exception):
    """The database cannot take the event now; the platform should deliver it again."""
