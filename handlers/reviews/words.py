"""What a review says until it closes: its card in the channel, the lead's card, and reminders."""

from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Text, small, text
from bot.errors import Refusal
from storage.models import Review, Team
from storage.numbers import in_steps
from storage.suppression import SHOWN_FROM

PURPOSE = "It is for the team's learning, and for nothing else: not for appraisal, pay or discipline."


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


def card(review: Review, team: Team, zone: ZoneInfo, answered: int, asked: int, shown_from: int, *,
         plan: tuple[Button, ...] = ()) -> Message:  # fmt: skip
    """The card in the channel, as things are now. `plan` leads to what the last review led to."""
    counted = wording.count(answered, "person", "people")
    parts: list[Part] = [text("**{title}**", title=review.title)]
    if review.state == "cancelled":
        parts.append(text("This review of {team} was cancelled. The answers were destroyed.", team=team.name))
        summary = f"Cancelled: {review.title}"
    elif review.state == "closed":
        parts += [
            text("{team} · closed. {counted} answered.", team=team.name, counted=counted),
            small("See under this message what came of it."),
        ]
        summary = f"Closed: {review.title}"
    else:
        parts += [
            text("{team} looks at how it works: open until **{until}**.", team=team.name,
                 until=until(review, zone)),
            who_sees(review, shown_from),
            small(PURPOSE),
            Buttons((_answer(review, "Answer (about ten minutes)"), _type(review), *plan)),
            _how_many(review, answered, max(asked, answered)),
        ]  # fmt: skip
        summary = f"Team review: {review.title}"
    return Message(summary, tuple(parts), notice="reviews.card", about=review.id)


def _how_many(review: Review, answered: int, asked: int) -> Text:
    if not review.anonymous:
        return small("{answered} of {asked} have answered.", answered=answered, asked=asked)
    if step := in_steps(answered):
        return small("At least {step} of {asked} have answered.", step=step, asked=asked)
    return small("Fewer than {step} of {asked} have answered so far.", step=SHOWN_FROM, asked=asked)


def invitation(review: Review, zone: ZoneInfo, shown_from: int) -> Message:
    """The review that is open, for one of the team."""
    return Message(
        f"Your team's review: {review.title}",
        (
            text("Your team's review **{title}** is open until **{until}**.", title=review.title,
                 until=until(review, zone)),
            who_sees(review, shown_from),
            Buttons((_answer(review), _type(review))),
        ),
    )  # fmt: skip


def have_answered(review: Review, zone: ZoneInfo) -> Message:
    """The review that is open, for somebody whose anonymous answers only the card of their own can change."""
    return Message(
        f"Your team's review: {review.title}",
        (
            text("You have answered **{title}**, and it counts. It is open until **{until}**.", title=review.title,
                 until=until(review, zone)),
            text("To change your answers, use the card that I sent to our direct chat then: it holds the only key to "
                 "them. I keep none, so that nobody can find out which are yours."),
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
            Buttons((_answer(review), _type(review), Button("Don't remind me", "reviews.quiet", review.id))),
        ),
    )  # fmt: skip


def guests_invitation(review: Review, team: Team, by: str, zone: ZoneInfo, shown_from: int) -> Message:
    """To somebody outside the team whose view it would like to have."""
    asks = "{by} asks" if by else "You are asked"
    return Message(
        f"A team asks for your view: {review.title}",
        (
            text(f"{asks} for your view. **{{team}}** looks at how it works, in **{{title}}**, and you know it.",
                 by=by, team=team.name, title=review.title),
            text("It takes about ten minutes and is open until **{until}**. Answer what you can; you can also say no.",
                 until=until(review, zone)),
            who_sees(review, shown_from),
            small(PURPOSE),
            Buttons((_answer(review), _type(review), Button("No, thank you", "reviews.decline", review.id))),
        ),
    )  # fmt: skip


def declined(review: Review) -> Message:
    """A guest said no."""
    return Message(
        "That's fine.",
        (
            text(
                "That's fine: I don't ask you about **{title}** any more, and no reason is needed.", title=review.title
            ),
        ),
    )


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
            Buttons((_answer(review), _type(review)) if last else
                    (_answer(review), _type(review), Button("Don't remind me again", "reviews.quiet", review.id))),
            small("Nobody is told who has answered and who has not." if last else
                  "I remind you once more before it closes. Nobody is told who has answered and who has not."),
        ),
    )  # fmt: skip


def over(review: Review, team: Team, *, of_the_team: bool) -> Message:
    """Where somebody was asked to answer: the review is over. It says nothing of whether they have answered."""
    if review.state == "cancelled":
        parts = [text("**{title}** was cancelled. The answers were destroyed, and nothing more is asked of you.",
                      title=review.title)]  # fmt: skip
    elif of_the_team:
        counted = wording.count(review.answered or 0, "person", "people")
        parts = [
            text("**{title}** is closed. {counted} answered.", title=review.title, counted=counted),
            small("What came of it is in your team's channel, under the review's card."),
        ]
    else:
        parts = [
            text("**{title}** of {team} is closed, and nothing more is asked of you.", title=review.title,
                 team=team.name),
            small("The team sees what came of it, and can tell you."),
        ]  # fmt: skip
    return Message(parts[0].plain(), tuple(parts))


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


def thanks(*, direct: bool) -> Message:
    """After an anonymous answer, wherever it was given. The card with the key comes by itself, to one person alone."""
    card = "The card below" if direct else "The card that I've sent to our direct chat"
    return Message(
        "Thank you.",
        (
            text("**Thank you.** Your answers are in, and no name is kept with them."),
            small("{card} holds the only key with which they can be changed.", card=card),
        ),
    )


def own_card(review: Review, zone: ZoneInfo, *, first: bool, key: str) -> Message:
    """After answering. It says nothing of what was answered: this message is kept with the person's name.

    `key` opens anonymous answers. It stands in the buttons of this card and nowhere else.
    """
    parts: list[Part] = [
        text("**Thank you.** You can change it until {until}." if first else
             "**Changed.** You can change it again until {until}.", until=until(review, zone)),
        Buttons((
            Button("Change my answers", "reviews.open", review.id, key, opens_form=True),
            Button("Add a diary entry", "reviews.release", review.id, key, opens_form=True),
        )),
    ]  # fmt: skip
    if key:
        parts.append(
            small("This card holds the only key to your answers: I keep none, so nobody can find out which are yours. "
                  "Leave it here as long as you may want to change them.")
        )  # fmt: skip
    return Message("Thank you.", tuple(parts))


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


def _type(review: Review) -> Button:
    return Button("Answer by typing", "reviews.type", review.id)


def _answer(review: Review, label: str = "Answer") -> Button:
    return Button(label, "reviews.open", review.id, style="primary", opens_form=True)
