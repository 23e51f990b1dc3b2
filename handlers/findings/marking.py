"""The team marks what matters, privately; whoever runs the review ends it, and only totals are left."""

from bot.chat import Event, FixAnswers, OpenForm, Reply, Say
from handlers.findings import cards, form, words
from handlers.findings.reading import sense_of, to_change
from handlers.turn import Turn
from storage import findings
from storage.models import Review


def begin(turn: Turn, event: Event) -> Reply:
    """Begin to make sense of a closed review: with the marking, or where nobody could mark, with the findings."""
    review = to_change(turn, event.about)
    if not review.sense:
        sense = sense_of(turn, review)
        if not any(result.points or result.ratings for result in sense.results):
            raise words.NothingToMark
        if cards.can_mark(turn, review):
            review.sense = "marking"
            cards.post(turn, review, "findings.marking")
        else:
            review.sense = "finding"
        turn.session.flush()
    return Say(cards.desk(turn, review), private=True)


def mark(turn: Turn, event: Event) -> Reply:
    """The form for somebody's marks, with those that they have."""
    review = _marked_now(turn.session.get_one(Review, event.about))
    parts = form.parts(sense_of(turn, review), ratings=False)
    part = form.part_of(parts, event.value)
    if part is None:
        return Say(words.choose_a_part(review, parts, "findings.mark", review.id), private=True)
    return OpenForm(form.marking(review, part, findings.marked(turn.session, review.id, turn.person.id)))


def marked(turn: Turn, event: Event) -> Reply:
    """Keep somebody's marks in place of their earlier ones; how many have marked is told in steps."""
    review = _marked_now(to_change(turn, event.about))
    parts = form.parts(sense_of(turn, review), ratings=False)
    part = form.part_of(parts, event.value) or parts[0]
    before = findings.marked(turn.session, review.id, turn.person.id)
    elsewhere = {point for point in before if str(point) not in part.values}
    chosen = elsewhere | form.sources(form.chosen_of(part, event.answers)).points
    if len(chosen) > form.MOST_MARKS:
        again = form.marking(review, part, before).filled(event.answers)
        return FixAnswers(again, {"points": words.too_many(len(chosen))})
    told = cards.step(turn, review)
    findings.mark(turn.session, review.id, turn.person.id, chosen)
    if cards.step(turn, review) != told:
        cards.show_afresh(turn, review)
    return Say(words.thanks_for_marking(review, len(chosen)), private=True)


def end(turn: Turn, event: Event) -> Reply:
    """The marking is over: how many marked each point is kept, if enough people marked, and who did is forgotten."""
    review = to_change(turn, event.about)
    if review.sense == "marking":
        if findings.markers(turn.session, review.id) >= turn.policy.reviews.shown_from:
            findings.count_marks(turn.session, review.id)
        _over(turn, review)
    return cards.answered(turn, event, review)


def leave_out(turn: Turn, event: Event) -> Reply:
    """The marking is over, and nothing of it is kept."""
    review = to_change(turn, event.about)
    if review.sense == "marking":
        _over(turn, review)
    return cards.answered(turn, event, review)


def again(turn: Turn, event: Event) -> Reply:
    """The team marks anew. What was marked before is forgotten: the difference could show what one person marked."""
    review = to_change(turn, event.about)
    if review.sense == "finding" and cards.can_mark(turn, review):
        findings.forget_counts(turn.session, review.id)
        review.sense = "marking"
        cards.post(turn, review, "findings.marking")
    return cards.answered(turn, event, review)


def _over(turn: Turn, review: Review) -> None:
    findings.forget_marks(turn.session, review.id)
    review.sense = "finding"


def _marked_now(review: Review) -> Review:
    if review.sense != "marking":
        raise words.MarkingIsOver
    return review
