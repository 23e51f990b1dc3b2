"""Making a portfolio: see what it would hold, choose, have it made, fetch it."""

from dataclasses import replace

from bot import wording
from bot.chat import Event, Message, OpenForm, Replace, Reply, Say
from bot.portfolio.formats import USUAL
from bot.portfolio.pages import Record, pages
from handlers.handing_over import address_of, begun, can_be_handed_over, chosen, draft_of, keep, order
from handlers.portfolio import words
from handlers.turn import Turn
from storage.models import Portfolio
from storage.portfolio import making
from storage.portfolio.bringing import BRINGING
from storage.portfolio.document import SECTIONS
from storage.portfolio.gathering import counts, gather, only
from storage.portfolio.making import Choices

SHOWN = 6  # records on one card


def export(turn: Turn, event: Event) -> Reply:
    """Show what a portfolio would hold."""
    if not event.place.direct:
        raise words.NotHere
    if not any(counts(turn.session, turn.person.id).values()):
        raise words.NothingYet
    return Say(card(turn, begun(turn, Choices(USUAL))), private=True)


def again(turn: Turn, event: Event) -> Reply:
    """Begin another with the same choices."""
    earlier = turn.session.get_one(Portfolio, event.about)
    if earlier.state in BRINGING:
        raise words.TooLate
    return Say(card(turn, begun(turn, chosen(turn, earlier))), private=True)


def make(turn: Turn, event: Event) -> Reply:
    """Have it made."""
    portfolio = draft_of(turn, event, words.TooLate)
    if not can_be_handed_over(turn, event):
        raise words.NoWay
    choices = chosen(turn, portfolio)
    held = counts(turn.session, turn.person.id)
    if not any(number for section, number in held.items() if section not in choices.without):
        raise words.Chosen
    order(turn, portfolio)
    return Replace(card(turn, portfolio))


def choose(turn: Turn, event: Event) -> Reply:
    """Choose the sections and the kinds of file."""
    portfolio = draft_of(turn, event, words.TooLate)
    return OpenForm(words.choose(portfolio.id, counts(turn.session, turn.person.id), chosen(turn, portfolio)))


def chose(turn: Turn, event: Event) -> Reply:
    """Keep what was chosen."""
    portfolio = draft_of(turn, event, words.TooLate)
    form = words.choose(portfolio.id, counts(turn.session, turn.person.id), chosen(turn, portfolio))
    return keep(turn, event, portfolio, form) or Replace(card(turn, portfolio))


def records(turn: Turn, event: Event) -> Reply:
    """Look through a section record by record; without one named, ask which."""
    portfolio = draft_of(turn, event, words.TooLate)
    section, _, first = event.value.partition(" ")
    if section not in SECTIONS:
        return Replace(words.which(portfolio.id, counts(turn.session, turn.person.id), chosen(turn, portfolio)))
    return Replace(_page(turn, portfolio, section, int(first) if first.isdecimal() and len(first) < 7 else 0))


def record(turn: Turn, event: Event) -> Reply:
    """Leave one record out, or put it back."""
    portfolio = draft_of(turn, event, words.TooLate)
    section, _, rest = event.value.partition(" ")
    first, _, marked = rest.partition(" ")
    if section not in SECTIONS or not first.isdecimal() or len(first) > 6 or marked[:1] not in ("+", "-"):
        raise words.NoSuchRecord
    choices, uid = chosen(turn, portfolio), marked[1:]
    others = tuple(one for one in choices.without_items if one != uid)
    if marked[0] == "-" and uid not in _uids(turn, section):
        raise words.NoSuchRecord
    kept = replace(choices, without_items=(*others, uid) if marked[0] == "-" else others)
    portfolio.choices = turn.seal(kept.packed())
    return Replace(_page(turn, portfolio, section, int(first)))


def back(turn: Turn, event: Event) -> Reply:
    """The card again."""
    return Replace(card(turn, turn.session.get_one(Portfolio, event.about)))


def _page(turn: Turn, portfolio: Portfolio, section: str, first: int) -> Message:
    portfolio_now = gather(turn.session, turn.person, turn.keyring, turn.policy.name, turn.now)
    held = tuple(reversed(getattr(portfolio_now, section)))
    left_out = set(chosen(turn, portfolio).without_items)
    setting = pages(only(portfolio_now, section), turn.zone)
    read = setting.chapters[0].records if setting.chapters else ()
    shown = [
        (item.uid, wording.shortened(_said(seen), 160), item.uid in left_out)
        for item, seen in zip(held, read, strict=True)
    ]
    more = f"{section} {first + SHOWN}" if len(shown) > first + SHOWN else ""
    return words.records(portfolio.id, SECTIONS[section][0], shown[first : first + SHOWN], f"{section} {first}", more)


def _said(seen: Record) -> str:
    return " · ".join(part for part in (seen.heading, *(line.words for line in seen.lines[:1])) if part)


def _uids(turn: Turn, section: str) -> set[str]:
    held = gather(turn.session, turn.person, turn.keyring, turn.policy.name, turn.now)
    return {item.uid for item in getattr(held, section)}


def stop(turn: Turn, event: Event) -> Reply:
    """Make it no more, or delete what was made."""
    portfolio = turn.session.get_one(Portfolio, event.about)
    making.drop(turn.session, portfolio, turn.now)
    return Replace(card(turn, portfolio))


def card(turn: Turn, portfolio: Portfolio) -> Message:
    """The card of a portfolio as it stands."""
    match portfolio.state:
        case "draft":
            return words.preview(portfolio.id, counts(turn.session, turn.person.id), chosen(turn, portfolio))
        case "wanted" | "making":
            return words.making(portfolio.id, portfolio.done)
        case "ready":
            assert portfolio.expires_at is not None
            return words.ready(portfolio.id, address_of(turn, portfolio), portfolio.expires_at, turn.zone)
        case "fetched":
            return words.fetched(portfolio.id)
        case "failed":
            return words.failed(portfolio.id)
        case _:
            return words.gone(portfolio.id)
