"""What came of a review, in words: its ratings as charts and as a table, beside the last time; what people wrote."""

import re
from collections.abc import Mapping, Sequence

from bot import wording
from bot.chat import Button, Buttons, Chart, Message, Option, Part, Quote, Select, Table, small, text
from handlers.outcomes import Before, Point, Result
from handlers.quoting import fitted, paged
from storage.models import Review, Team


def summary(
    review: Review, team: Team, results: Sequence[Result], before: Mapping[str, Before], shown_from: int
) -> Message:
    """How each question was rated: as charts, and the same as a table for those who cannot see them.

    `before` is how it was the last time, by the questions' keys.
    """
    answered, asked = review.answered or 0, review.asked or 0
    parts: list[Part] = [
        text("**What came of {title}**", title=review.title),
        text("{answered} of {asked} in {team} answered.", answered=answered, asked=asked, team=team.name),
    ]
    heading = f"What came of {review.title}"
    if answered == 0:
        parts.append(text("Nobody answered this time, so there is nothing to show. Talk about it when you next meet?"))
        return Message(heading, tuple(parts), notice="reviews.came", about=review.id)
    if review.anonymous and answered < shown_from:
        parts.append(
            text("An anonymous review is shown from {number} answers on: with fewer, people could be made out. So "
                 "nothing of it is shown to anybody, your lead included.", number=shown_from)
        )  # fmt: skip
        return Message(heading, tuple(parts), notice="reviews.came", about=review.id)
    rated = [result for result in results if result.ratings]
    if rated:
        parts.append(small("How many gave each rating from 1 to 5, and the averages."))  # not every client shows titles
        parts += [_spread(rated), *_beside(rated, before), _table(results, before)]
        parts += [small("Last time is {which}.", which=which) for which in _which(before)]
    else:
        parts.append(text("No question was rated by enough people to be shown." if review.anonymous else
                          "Nobody gave ratings this time."))  # fmt: skip
    parts += [small(note, number=shown_from) for note in _held_back(review, results)]
    if any(result.points for result in results):
        parts.append(small("What people wrote follows in the next message."))
    return Message(heading, tuple(parts), notice="reviews.came", about=review.id)


def what_people_wrote(review: Review, results: Sequence[Result]) -> Message | None:
    """The words of a closed review by question, as much of them as one message holds; the rest is a choice away."""
    told = [result for result in results if result.points]
    if not told:
        return None
    shown = fitted([(result.asked, _quotes(result)) for result in told])
    parts: list[Part] = [text("**What people wrote in {title}**", title=review.title), *shown.parts]
    if review.anonymous:
        parts.append(small("Each question is in an order of its own, drawn by lot."))
    if shown.left_out:
        options = tuple(Option(wording.shortened(result.asked, 75), result.question.key) for result in told)
        parts += [
            small("Not everything fits here. Choose a question, and I show you all of it privately."),
            Select("Read everything on a question", "reviews.read", options, review.id),
        ]
    return Message(f"What people wrote in {review.title}", tuple(parts), notice="reviews.said", about=review.id)


def quoted_in(message: Message | None, results: Sequence[Result]) -> list[Point]:
    """What people wrote whom this message quotes, by their names: it may have had no room for all of them."""
    names = {part.by for part in message.parts if isinstance(part, Quote)} if message is not None else set[str]()
    return [point for result in results for point in result.points if point.by in names]


def nothing_left(review: Review) -> Message:
    """In place of words whose authors have all been erased since."""
    return Message(
        f"What people wrote in {review.title}",
        (text("**What people wrote in {title}**", title=review.title), text("Nothing of it is left.")),
        notice="reviews.said",
        about=review.id,
    )


def everything_on(review: Review, result: Result, page: int) -> Message:
    """One page of everything that was written on a question. Pages count from 1; beyond the last it is the last."""
    quotes, page, pages = paged(_quotes(result), page)
    parts: list[Part] = [text("**{ask}**", ask=result.asked), *quotes]
    if pages > 1:
        parts.append(small("Page {page} of {pages}", page=page, pages=pages))
    if page < pages:
        parts.append(Buttons((Button("Read on", "reviews.read", review.id, f"{result.question.key}:{page + 1}"),)))
    return Message(f"What people wrote in {review.title}", tuple(parts))


def _quotes(result: Result) -> list[Quote]:
    return [Quote(point.words, point.by) for point in result.points]


def _short(result: Result) -> str:
    # the number keeps two shortened names apart: charts refuse equal ones
    key = result.question.key  # that of a question of the lead's own has a number in it, as none of the policy's has
    name = "Our own" if re.search(r"\d", key) else key.replace("_", " ").capitalize()
    return wording.shortened(f"{result.number} {name}", 20)


def _spread(rated: Sequence[Result]) -> Chart:
    counts = zip(*(result.spread for result in rated), strict=True)
    series = tuple((str(rating), tuple(map(float, given))) for rating, given in enumerate(counts, 1))
    return Chart("How many gave 1, 2, 3, 4 and 5", tuple(map(_short, rated)), series, stacked=True)


def _beside(rated: Sequence[Result], before: Mapping[str, Before]) -> tuple[Chart, ...]:
    """The averages, beside those of the last time: only of questions that were asked then, where any was."""
    compared = [result for result in rated if result.question.key in before]
    shown = compared or rated
    series = (("This time", tuple(result.average for result in shown)),)
    if compared:
        series = (*series, ("Last time", tuple(before[result.question.key].average for result in compared)))
    return (Chart("Average rating, 1 to 5", tuple(map(_short, shown)), series),)


def _table(results: Sequence[Result], before: Mapping[str, Before]) -> Table:
    headings = ("Question", "Gave 1 to 5", "Average")
    if not before:
        return Table(headings, tuple(map(_row, results)))
    return Table((*headings, "Last time"), tuple((*_row(result), _then(result, before)) for result in results))


def _row(result: Result) -> tuple[str, ...]:
    asked = wording.shortened(result.asked, 110)  # a message has room for twelve of them beside their charts
    if not result.ratings:
        return (asked, "too few" if result.ratings_held_back else "none", "–")
    return (asked, ", ".join(str(count) for count in result.spread), f"{result.average:.1f}")


def _then(result: Result, before: Mapping[str, Before]) -> str:
    earlier = before.get(result.question.key)
    return f"{earlier.average:.1f}" if earlier else "–"


def _which(before: Mapping[str, Before]) -> tuple[str, ...]:
    """The reviews that were the last time, in words, where there are any."""
    named = dict.fromkeys((one.title, one.closed_on) for one in before.values())
    told = [f"{title}, closed on {wording.day_and_year(closed_on)}" for title, closed_on in named]
    return (wording.listed(told),) if told else ()


def _held_back(review: Review, results: Sequence[Result]) -> list[str]:
    notes: list[str] = []
    if any(result.ratings_held_back for result in results):
        notes.append("Where fewer than {number} people gave a rating, it is not shown.")
    if any(result.words_held_back for result in results):
        notes.append("Where fewer than {number} people wrote something, their words are not shown.")
    return notes
