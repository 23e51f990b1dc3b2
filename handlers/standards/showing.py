"""The standard of one's post: all of it at a glance, and an area at a time."""

from bot.chat import Event, Replace, Reply, Say
from bot.errors import NotYours
from handlers.purpose import with_purpose
from handlers.standards import words
from handlers.standards.mine import mine
from handlers.turn import Turn


def show(turn: Turn, event: Event) -> Reply:
    """All of it, with what changed since the version before."""
    return Say(with_purpose(turn, words.overview(turn, mine(turn))), private=True)


def area(turn: Turn, event: Event) -> Reply:
    """The statements of an area: chosen from a list, or another page of it."""
    own = mine(turn)
    number, page = (event.about, event.value) if event.about is not None else (event.value, "0")
    for one in own.areas:
        if str(one.item.id) == str(number):
            message = words.area(own, one, int(page) if page.isdecimal() and len(page) < 4 else 0)
            return Say(message, private=True) if event.about is None else Replace(message)
    raise NotYours
