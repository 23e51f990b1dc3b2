"""Whoever runs the review groups points into findings, with what each rests on; everybody can look at that."""

from bot.chat import Event, FixAnswers, OpenForm, Reply, Say
from bot.errors import NotYours
from handlers.findings import cards, form, words
from handlers.findings.reading import Found, Sense, sense_of, to_change
from handlers.outcomes import seen
from handlers.quoting import page_of
from handlers.replying import in_place
from handlers.turn import Turn
from storage import findings
from storage.database import add_now
from storage.models import Finding, Review


def write(turn: Turn, event: Event) -> Reply:
    """The form for a finding."""
    review = _writing_now(turn.session.get_one(Review, event.about))
    parts = form.parts(sense_of(turn, review), ratings=True)
    part = form.part_of(parts, event.value)
    if part is None:
        return Say(words.choose_a_part(review, parts, "findings.write", review.id), private=True)
    return OpenForm(form.writing(review, part))


def written(turn: Turn, event: Event) -> Reply:
    """Keep a finding with what it rests on."""
    review = _writing_now(to_change(turn, event.about))
    parts = form.parts(sense_of(turn, review), ratings=True)
    part = form.part_of(parts, event.value) or parts[0]
    chosen = form.chosen_of(part, event.answers)
    said = event.answers.get("words", "").strip()
    problems = _problems(said, chosen)
    if problems:
        return FixAnswers(form.writing(review, part).filled(event.answers), problems)
    finding = Finding(review_id=review.id, words=turn.keyring.seal_for_organisation(said), made_at=turn.now,
                      made_by_id=turn.person.id)  # fmt: skip
    add_now(turn.session, finding)
    _rests(turn, finding.id, chosen)
    cards.post(turn, review, "findings.list")
    return cards.answered(turn, event, review, note="Kept, and in the thread.")


def open_finding(turn: Turn, event: Event) -> Reply:
    """One finding, with what can be done to it."""
    review = _writing_now(turn.session.get_one(Review, event.about))
    return Say(words.one_finding(_named(sense_of(turn, review), event.value)), private=True)


def change(turn: Turn, event: Event) -> Reply:
    """The form for a finding, as it is."""
    review, sense, found = _to_change(turn, event)
    parts = form.parts(sense, ratings=True)
    part = form.part_of(parts, event.value)
    if part is None:
        return Say(words.choose_a_part(review, parts, "findings.change", found.id), private=True)
    return OpenForm(form.changing(found, part))


def changed(turn: Turn, event: Event) -> Reply:
    """Other words, or other sources: what it rests on in other parts of the list stays."""
    review, sense, found = _to_change(turn, event)
    parts = form.parts(sense, ratings=True)
    part = form.part_of(parts, event.value) or parts[0]
    chosen = form.chosen_of(part, event.answers) | (form.values_of(found) - part.values)
    said = event.answers.get("words", "").strip()
    problems = _problems(said, chosen)
    if problems:
        return FixAnswers(form.changing(found, part).filled(event.answers), problems)
    turn.session.get_one(Finding, found.id).words = turn.keyring.seal_for_organisation(said)
    _rests(turn, found.id, chosen)
    return cards.answered(turn, event, review, note="Changed.")


def apart(turn: Turn, event: Event) -> Reply:
    """Ask before a finding goes."""
    _, _, found = _to_change(turn, event)
    return in_place(turn, event, words.really_apart(found))


def taken_apart(turn: Turn, event: Event) -> Reply:
    """The finding goes; what it rested on is in none any more."""
    review, _, found = _to_change(turn, event)
    findings.take_apart(turn.session, found.id)
    return cards.answered(turn, event, review, note="Taken apart.")


def keep(turn: Turn, event: Event) -> Reply:
    """Thought better of it."""
    _, _, found = _to_change(turn, event)
    return in_place(turn, event, words.one_finding(found))


def finish(turn: Turn, event: Event) -> Reply:
    """That is all that was found."""
    review = to_change(turn, event.about)
    if review.sense == "finding":
        review.sense = "done"
        cards.post(turn, review, "findings.list")
    return cards.answered(turn, event, review)


def back(turn: Turn, event: Event) -> Reply:
    """There is more to be found after all."""
    review = to_change(turn, event.about)
    if review.sense == "done":
        review.sense = "finding"
    return cards.answered(turn, event, review)


def rests_on(turn: Turn, event: Event) -> Reply:
    """What a finding rests on, whole, for anybody of the team, privately."""
    review = turn.session.get_one(Review, event.about)
    which, _, page = event.value.partition(":")
    sense = sense_of(turn, review)
    found = _named(sense, which)
    seen(turn, review, [one.point for one in found.points])  # whole: the channel shows long ones shortened
    return Say(words.rests_on(sense, found, page_of(page)), private=True)


def _to_change(turn: Turn, event: Event) -> tuple[Review, Sense, Found]:
    finding = turn.session.get_one(Finding, event.about)
    review = _writing_now(to_change(turn, finding.review_id))
    sense = sense_of(turn, review)
    return review, sense, _named(sense, str(finding.id))


def _named(sense: Sense, which: str) -> Found:
    found = next((one for one in sense.found if str(one.id) == which), None)
    if found is None:
        raise words.NothingLeft if which else NotYours
    return found


def _rests(turn: Turn, finding_id: int, chosen: set[str]) -> None:
    kept = form.sources(chosen)
    findings.rest_on(turn.session, finding_id, kept.points, kept.questions)


def _problems(said: str, chosen: set[str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not chosen:
        problems["points"] = "Choose what it rests on: at least one point, or the ratings of a question."
    if not said:
        problems["words"] = "Write what you find, in a sentence or two."
    elif len(said) > form.LONGEST_WORDS:
        problems["words"] = "Keep it under 1,000 characters: what is longer is two findings."
    return problems


def _writing_now(review: Review) -> Review:
    if review.sense != "finding":
        raise words.NotWritingNow
    return review
