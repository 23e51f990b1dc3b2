"""Looking at oneself against the standard of one's post: an area at a time, put off and taken up again at will."""

from datetime import timedelta

from bot import wording
from bot.chat import Event, Message, OpenForm, Replace, Reply, Say
from bot.errors import NotYours
from handlers import asking
from handlers.purpose import with_purpose
from handlers.standards import form, picture
from handlers.standards.form import Page, pages
from handlers.standards.mine import Mine, NoStandard, Said, of_review, said_of
from handlers.turn import Turn
from storage import outbox, self_reviews, standards
from storage.models import SelfRating, SelfReview, Standard, StandardItem

REVIEW, REMINDER = "standards.review", "standards.reminder"
SAVED = "Saved."


def review(turn: Turn, event: Event) -> Reply:
    """The self-review that is open, the last one when it is finished, a new one when there was none."""
    standard = standards.of_person(turn.session, turn.person)
    if standard is None:
        raise NoStandard
    found = self_reviews.open_of(turn.session, turn.person.id, standard.id)
    if found is None:
        last = self_reviews.latest_finished(turn.session, turn.person.id, standard.key)
        left = self_reviews.unfinished_before(turn.session, turn.person.id, standard)
        found = begun(turn, standard) if last is None or left is not None else last
    return Say(with_purpose(turn, card(turn, found)), private=True)


def again(turn: Turn, event: Event) -> Reply:
    """Look at oneself anew; what was said before stays as it was."""
    standard = standards.of_person(turn.session, turn.person)
    if standard is None:
        raise NoStandard
    found = self_reviews.open_of(turn.session, turn.person.id, standard.id)
    return Replace(card(turn, found or begun(turn, standard)))


def begun(turn: Turn, standard: Standard) -> SelfReview:
    """A new self-review; answers of one left unfinished go along where the statement is word for word the same."""
    fresh = SelfReview(owner_id=turn.person.id, standard_id=standard.id, made_at=turn.now)
    turn.session.add(fresh)
    turn.session.flush()
    left = self_reviews.unfinished_before(turn.session, turn.person.id, standard)
    if left is None:
        return fresh
    by_words = {(item.code, item.words): item.id for item in standards.statements(turn.session, standard.id)}
    for item_id, rating in self_reviews.ratings(turn.session, left.id).items():
        item = turn.session.get_one(StandardItem, item_id)
        if (same := by_words.get((item.code, item.words))) is not None:
            turn.session.add(
                SelfRating(review_id=fresh.id, owner_id=turn.person.id, item_id=same, answer=rating.answer)
            )
    left.finished_at = left.finished_at or turn.now  # it is history now: the new one goes on from here
    turn.session.flush()
    return fresh


def rate(turn: Turn, event: Event) -> Reply:
    """Open one page of it, as far as it was answered."""
    found = turn.session.get_one(SelfReview, event.about)
    own = of_review(turn, found)
    return OpenForm(form.rate(found.id, _page(own, event.value), own.said))


def rated(turn: Turn, event: Event) -> Reply:
    """Save a page. Once every statement was answered the self-review is finished."""
    found = turn.session.get_one(SelfReview, event.about)
    own = of_review(turn, found)
    page = _page(own, event.value)
    by_id = {item.id: item for item in page.statements}
    for item_id, level in form.rated(page, event.answers).items():
        before = own.said.get(item_id, Said())
        if level or not before.words:  # what somebody wrote about a statement is not lost by leaving it out here
            keep(turn, found, by_id[item_id], Said(level, before.words))
    own = of_review(turn, found)
    if found.finished_at is None and all(one.is_done(own.said) for one in pages(own.areas)):
        _finish(turn, found)
    return Replace(card(turn, found, SAVED))


def finish(turn: Turn, event: Event) -> Reply:
    """Finish with what there is."""
    found = turn.session.get_one(SelfReview, event.about)
    _finish(turn, found)
    return Replace(card(turn, found))


def later(turn: Turn, event: Event) -> Reply:
    """Not now: it waits, and what was said stays."""
    return Replace(picture.put_off(turn.session.get_one(SelfReview, event.about)))


def remind(turn: Turn, event: Event) -> Reply:
    """Ask once, in a week, on a morning when this person works."""
    found = turn.session.get_one(SelfReview, event.about)
    at = asking.morning(turn, turn.person, turn.today + timedelta(weeks=1))
    outbox.cancel(turn.session, found.id, REMINDER)
    outbox.owe(turn.session, REMINDER, about=found.id, to=turn.person.id, at=at)
    return Replace(picture.put_off(found, wording.day(at.astimezone(turn.zone).date())))


# ------------------------------------------------------------------------------------------------------------- notices


def card(turn: Turn, found: SelfReview, line: str = "") -> Message:
    """The self-review as it is now: the way on, or the picture of it."""
    own = of_review(turn, found)
    if found.finished_at is None:
        return picture.under_way(turn, own, found, line)
    last = self_reviews.latest_finished(turn.session, turn.person.id, own.standard.key, before=found)
    return picture.picture(turn, own, found, of_review(turn, last) if last is not None else None)


def review_card(turn: Turn, about: int | None) -> Message | None:
    """The same, for whoever looks at an older message of it."""
    found = turn.session.get(SelfReview, about)
    return None if found is None or found.owner_id != turn.person.id else card(turn, found)


def reminder(turn: Turn, about: int | None) -> Message | None:
    """What they asked to be asked; nothing once it is finished, or on a day when they are not to be disturbed."""
    found = turn.session.get(SelfReview, about)
    if found is None or found.finished_at is not None or not asking.may_be_asked(turn, turn.person):
        return None
    return card(turn, found, "You asked me to remind you of this.")


# ----------------------------------------------------------------------------------------------------------- the parts


def keep(turn: Turn, found: SelfReview, item: StandardItem, said: Said) -> None:
    """Keep one answer; without a level there is none."""
    known = self_reviews.ratings(turn.session, found.id).get(item.id)
    if not said.level:
        if known is not None:
            turn.session.delete(known)
    elif known is not None:
        if said_of(turn, known) != said:
            known.answer = turn.seal(said.packed())
    else:
        turn.session.add(
            SelfRating(review_id=found.id, owner_id=turn.person.id, item_id=item.id, answer=turn.seal(said.packed()))
        )
    turn.session.flush()


def review_for(turn: Turn, item: StandardItem) -> SelfReview:
    """Where an answer about one statement goes: the open self-review, the last one, or a new one."""
    standard = turn.session.get_one(Standard, item.standard_id)
    found = self_reviews.open_of(turn.session, turn.person.id, standard.id)
    if found is None:
        last = self_reviews.latest_finished(turn.session, turn.person.id, standard.key)
        found = last if last is not None and last.standard_id == standard.id else begun(turn, standard)
    return found


def _finish(turn: Turn, found: SelfReview) -> None:
    if found.finished_at is None:
        found.finished_at = turn.now
        outbox.cancel(turn.session, found.id, REMINDER)
        turn.session.flush()


def _page(own: Mine, value: str) -> Page:
    page = next((one for one in pages(own.areas) if one.value == value), None)
    if page is None:
        raise NotYours
    return page
