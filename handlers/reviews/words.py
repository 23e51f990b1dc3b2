"""What a review says: its card in the channel, the lead's card, reminders, and what came of it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Chart, Message, Option, Part, Quote, Select, Table, Text, small, text
from bot.errors import Refusal
from handlers.reviews.rules import Result
from storage.models import KnownPlace, Person, Review, Team

PURPOSE = "It is for the team's learning, and for nothing else: not for appraisal, pay or discipline."
MOST_IN_ONE_MESSAGE = 8_000  # bytes of words and what they stand in: well inside what every platform shows at once
SHOWN_OF_ONE = 600  # characters of one answer in the channel; the whole of it is a choice away
ROOM_FOR_ONE = 120  # bytes that a quotation takes besides its words


class OpenAlready(Refusal):
    """Your team's review is open already, and one at a time is enough. Say `review` to see it."""


class NeedsAChannel(Refusal):
    """A review needs a place where the whole team sees it. Say `review` in your team's channel."""


def who_sees(review: Review, shown_from: int) -> Text:
    """Who sees what, in the words that stand on every card."""
    if review.anonymous:
        return text(
            "**Anonymous:** no name is kept with an answer. What was said is shown only where at least {number} people "
            "answered, and never who said it.",
            number=shown_from,
        )
    return text("**Named:** everybody in this team's channel will see who wrote what. Ratings are shown together.")


# ------------------------------------------------------------------------------------------------------------ cards


def card(review: Review, team: Team, zone: ZoneInfo, answered: int, asked: int, shown_from: int) -> Message:
    """The card in the channel, as things are now."""
    counted = wording.count(answered, "person", "people")
    parts: list[Part] = [text("**{title}**", title=review.title)]
    if review.state == "cancelled":
        parts.append(text("This review of {team} was cancelled. The answers were destroyed.", team=team.name))
        summary = f"Cancelled: {review.title}"
    elif review.state == "closed":
        parts.append(text("{team} · closed. {counted} answered.", team=team.name, counted=counted))
        summary = f"Closed: {review.title}"
    else:
        parts += [
            text("{team} looks at how it works: open until **{until}**.", team=team.name,
                 until=until(review, zone)),
            who_sees(review, shown_from),
            small(PURPOSE),
            Buttons((_answer(review, "Answer (about ten minutes)"),)),
            small("{answered} of {asked} have answered.", answered=answered, asked=max(asked, answered)),
        ]  # fmt: skip
        summary = f"Team review: {review.title}"
    return Message(summary, tuple(parts), notice="reviews.card", about=review.id)


def lead_card(review: Review, team: Team, zone: ZoneInfo, *, note: str = "") -> Message:
    """The lead's own card, with what can be done with the review."""
    parts: list[Part] = [text("{note}", note=note)] if note else []
    named = {"title": review.title, "team": team.name, "until": until(review, zone)}
    if review.state == "cancelled":
        parts.append(text("**{title}** of {team} was cancelled. The answers were destroyed.", **named))
    elif review.state == "closed":
        parts.append(text("**{title}** of {team} is closed. What came of it is in the channel.", **named))
    else:
        parts += [
            text("**{title}** of {team} is open until **{until}**.", **named),
            text("I remind those who have not answered at half-time and the day before, and tell nobody who they are."),
            Buttons((
                Button("Keep it open longer", "reviews.extend", review.id, opens_form=True),
                Button("Close it now", "reviews.close", review.id),
                Button("Cancel it", "reviews.cancel", review.id),
            )),
            small("Cancelling destroys every answer. I ask once more before I do either."),
        ]  # fmt: skip
    return Message(f"Your team's review: {review.title}", tuple(parts), notice="reviews.lead", about=review.id)


def really_close(review: Review) -> Message:
    """Asked before closing early."""
    return Message(
        "Close the review now?",
        (
            text("Close **{title}** now? Nobody can answer or change anything after that.", title=review.title),
            Buttons(
                (
                    Button("Close it and show what came of it", "reviews.closed", review.id, style="primary"),
                    Button("Leave it open", "reviews.leave_open", review.id),
                )
            ),
        ),
    )


def really_cancel(review: Review) -> Message:
    """Asked before the answers are destroyed."""
    return Message(
        "Cancel the review and destroy its answers?",
        (
            text("Cancel **{title}**? Every answer given so far is **destroyed** for good, and nothing of it is shown.",
                 title=review.title),
            Buttons((
                Button("Cancel it and destroy the answers", "reviews.cancelled", review.id, style="danger"),
                Button("Leave it open", "reviews.leave_open", review.id),
            )),
        ),
    )  # fmt: skip


def say_it_in_a_channel(places: Sequence[tuple[Review, Team, KnownPlace]]) -> Message:
    """A review was asked for in a direct chat."""
    parts: list[Part] = [
        text("A review needs a place where the whole team sees it. Say `review` in your team's channel, and I'll ask "
             "you the rest there.")
    ]  # fmt: skip
    buttons = tuple(
        Button(
            wording.shortened(f"Use {_called(place)} again for {team.name}", 75),
            "reviews.start_again",
            review.id,
            opens_form=True,
        )
        for review, team, place in places[:5]
    )
    if buttons:
        parts += [text("Or use the channel of your last review:"), Buttons(buttons)]
    return Message("Say `review` in your team's channel.", tuple(parts))


def form_is_a_tap_away(title: str, here: str) -> Message:
    """The way to the form where typed words cannot open one. `here` remembers the channel, wherever this is shown."""
    return Message(
        title,
        (
            text("There is a short form for that. The review will be posted in the channel where you asked."),
            Buttons((Button(title, "reviews.start", value=here, style="primary", opens_form=True),)),
        ),
    )


def only_leads(lead: Person | None) -> Message:
    """Somebody who leads no team asked for a review."""
    parts = [text("A team's review is started by its lead or by the learning coordinator.")]
    if lead is not None:
        parts.append(
            text("Your team's lead is {lead}. Ask them to say `review` in the team's channel.", lead=lead.name)
        )
    return Message("A team's review is started by its lead.", tuple(parts))


def invitation(review: Review, zone: ZoneInfo, shown_from: int) -> Message:
    """The review that is open, for one of the team."""
    return Message(
        f"Your team's review: {review.title}",
        (
            text("Your team's review **{title}** is open until **{until}**.", title=review.title,
                 until=until(review, zone)),
            who_sees(review, shown_from),
            Buttons((_answer(review),)),
        ),
    )  # fmt: skip


def newcomers_invitation(review: Review, team: Team, zone: ZoneInfo, shown_from: int) -> Message:
    """To somebody who joined the team after its review began."""
    return Message(
        f"Your team's review: {review.title}",
        (
            text("You have joined **{team}** in the middle of its review, **{title}**. It is open until **{until}**, "
                 "and what you have seen so far counts as well.", team=team.name, title=review.title,
                 until=until(review, zone)),
            text("It takes about ten minutes. Answer what you can, and change it as often as you like until then."),
            who_sees(review, shown_from),
            small(PURPOSE),
            Buttons((_answer(review), Button("Don't remind me", "reviews.quiet", review.id))),
        ),
    )  # fmt: skip


def reminder(review: Review, zone: ZoneInfo, shown_from: int, *, last: bool) -> Message:
    """To somebody who has not answered, and to nobody else."""
    closes = until(review, zone)
    if last:
        first = text("Your team's review **{title}** closes on **{until}**. There is still time to answer.",
                     title=review.title, until=closes)  # fmt: skip
    else:
        first = text("Your team's review **{title}** is half-way. It is open until **{until}**.",
                     title=review.title, until=closes)  # fmt: skip
    return Message(
        f"Your team's review: {review.title}",
        (
            first,
            text("It takes about ten minutes. Answer what you can, and change it as often as you like until then."),
            who_sees(review, shown_from),
            Buttons((_answer(review),) if last else
                    (_answer(review), Button("Don't remind me again", "reviews.quiet", review.id))),
            small("Nobody is told who has answered and who has not." if last else
                  "I remind you once more before it closes. Nobody is told who has answered and who has not."),
        ),
    )  # fmt: skip


def quiet(review: Review, zone: ZoneInfo) -> Message:
    """Somebody wants no more reminders."""
    return Message(
        "I won't remind you again.",
        (
            text("I won't remind you of **{title}** again. You can still answer until {until}, if you like.",
                 title=review.title, until=until(review, zone)),
            Buttons((_answer(review),)),
        ),
    )  # fmt: skip


def thanks(review: Review, zone: ZoneInfo, *, first: bool) -> Message:
    """After answering. It says nothing of what was answered: this message is kept with the person's name."""
    return Message(
        "Thank you.",
        (
            text("**Thank you.** You can change it until {until}." if first else
                 "**Changed.** You can change it again until {until}.", until=until(review, zone)),
            Buttons((Button("Change my answers", "reviews.open", review.id, opens_form=True),)),
        ),
    )  # fmt: skip


def until(review: Review, zone: ZoneInfo) -> str:
    """When it closes, in the reader's zone."""
    return wording.moment(review.closes_at, zone)


def changed_too_late(review: Review) -> Refusal:
    """The refusal of a change to a review that is over."""
    if review.state == "cancelled":
        return Refusal("This review was cancelled already. Say `review` in your team's channel to start another.")
    return Refusal("This review is closed already. What came of it is in the channel.")


def not_open(review: Review, zone: ZoneInfo) -> Refusal:
    """The refusal of an answer that comes too late."""
    if review.state == "cancelled":
        return Refusal("This review was cancelled, so I haven't kept that. Your lead can tell you why.")
    return Refusal(
        f"This review closed on {until(review, zone)}, so I can't take answers any more. What came of it is in the "
        "channel. What you wanted to say still counts: bring it to your team's conversation about it."
    )


# ----------------------------------------------------------------------------------------------------- what came of it


def summary(
    review: Review, team: Team, answered: int, asked: int, results: Sequence[Result], shown_from: int
) -> Message:
    """The ratings of a closed review: a chart, and the same as a table for those who cannot see it."""
    parts: list[Part] = [
        text("**What came of {title}**", title=review.title),
        text(
            "{answered} of {asked} in {team} answered.", answered=answered, asked=max(asked, answered), team=team.name
        ),
    ]
    heading = f"What came of {review.title}"
    if answered == 0:
        parts.append(text("Nobody answered this time, so there is nothing to show. Talk about it when you next meet?"))
        return Message(heading, tuple(parts), notice="reviews.summary", about=review.id)
    if review.anonymous and answered < shown_from:
        parts.append(
            text("An anonymous review is shown from {number} answers on: with fewer, people could be made out. So "
                 "nothing of it is shown to anybody, your lead included.", number=shown_from)
        )  # fmt: skip
        return Message(heading, tuple(parts), notice="reviews.summary", about=review.id)
    rated = [result for result in results if result.ratings]
    if rated:
        chart = Chart(
            "Average rating, 1 to 5",
            tuple(_short(result) for result in rated),
            (("Average", tuple(result.average for result in rated)),),
        )
        parts += [
            chart,
            Table(("Question", "Ratings", "Average", "How many gave 1, 2, 3, 4, 5"), tuple(map(_row, results))),
        ]
    else:
        parts.append(text("No question was rated by enough people to be shown." if review.anonymous else
                          "Nobody gave ratings this time."))  # fmt: skip
    parts += [small(note, number=shown_from) for note in _held_back(review, results)]
    if any(result.words for result in results):
        parts.append(small("What people wrote follows in the next message."))
    return Message(heading, tuple(parts), notice="reviews.summary", about=review.id)


def what_people_wrote(review: Review, results: Sequence[Result]) -> Message | None:
    """The words of a closed review by question, as much of them as one message holds; the rest is a choice away."""
    told = [result for result in results if result.words]
    if not told:
        return None
    parts: list[Part] = [text("**What people wrote in {title}**", title=review.title)]
    left_out = False
    for result in told:
        room = MOST_IN_ONE_MESSAGE // len(told)
        parts.append(text("**{ask}**", ask=_asked(result)))
        for shown, (words, by) in enumerate(result.words):
            quoted = wording.shortened(words, SHOWN_OF_ONE)
            room -= _size(quoted)
            if shown and room < 0:
                left_out = True
                parts.append(small("and {more} more", more=len(result.words) - shown))
                break
            left_out = left_out or quoted != words
            parts.append(Quote(quoted, by))
    if review.anonymous:
        parts.append(small("Each question is in an order of its own, drawn by lot."))
    if left_out:
        options = tuple(Option(wording.shortened(_asked(result), 75), result.question.key) for result in told)
        parts += [
            small("Not everything fits here. Choose a question, and I show you all of it privately."),
            Select("Read everything on a question", "reviews.read", options, review.id),
        ]
    return Message(f"What people wrote in {review.title}", tuple(parts), notice="reviews.words", about=review.id)


def everything_on(review: Review, result: Result, page: int) -> Message:
    """One page of everything that was written on a question. Pages count from 1; beyond the last it is the last."""
    pages: list[list[Quote]] = [[]]
    room = MOST_IN_ONE_MESSAGE
    for words, by in result.words:
        room -= _size(words)
        if pages[-1] and room < 0:
            pages.append([])
            room = MOST_IN_ONE_MESSAGE - _size(words)
        pages[-1].append(Quote(words, by))
    page = min(max(page, 1), len(pages))
    parts: list[Part] = [text("**{ask}**", ask=_asked(result)), *pages[page - 1]]
    if len(pages) > 1:
        parts.append(small("Page {page} of {pages}", page=page, pages=len(pages)))
    if page < len(pages):
        parts.append(Buttons((Button("Read on", "reviews.read", review.id, f"{result.question.key}:{page + 1}"),)))
    return Message(f"What people wrote in {review.title}", tuple(parts))


def _answer(review: Review, label: str = "Answer") -> Button:
    return Button(label, "reviews.open", review.id, style="primary", opens_form=True)


def _size(words: str) -> int:
    return len(words.encode()) + ROOM_FOR_ONE


def _called(place: KnownPlace) -> str:
    return place.title or "the same channel"


def _asked(result: Result) -> str:
    return f"{result.number}. {result.question.ask}"


def _short(result: Result) -> str:
    # the number keeps two shortened names apart: charts refuse equal ones
    return wording.shortened(f"{result.number} {result.question.key.replace('_', ' ').capitalize()}", 20)


def _row(result: Result) -> tuple[str, ...]:
    if not result.ratings:
        return (_asked(result), "too few" if result.ratings_held_back else "none", "–", "–")
    spread = ", ".join(str(count) for count in result.spread)
    return (_asked(result), str(len(result.ratings)), f"{result.average:.1f}", spread)


def _held_back(review: Review, results: Sequence[Result]) -> list[str]:
    notes: list[str] = []
    if any(result.ratings_held_back for result in results):
        notes.append("Where fewer than {number} people gave a rating, it is not shown.")
    if any(result.words_held_back for result in results):
        notes.append("Where fewer than {number} people wrote something, their words are not shown.")
    return notes
