"""What a review says to whoever starts and leads it: their own card, what is asked before it ends, where to begin."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers.reviews import words
from storage.models import KnownPlace, Person, Review, Team


def lead_card(
    review: Review, team: Team, zone: ZoneInfo, *, guests: Sequence[str] = (), plan: tuple[Button, ...] = (),
    note: str = "",
) -> Message:  # fmt: skip
    """The lead's own card, with what can be done with the review. `plan` leads to what the last review led to."""
    parts: list[Part] = [text("{note}", note=note)] if note else []
    named = {"title": review.title, "team": team.name, "until": words.until(review, zone)}
    if review.state == "cancelled":
        parts.append(text("**{title}** of {team} was cancelled. The answers were destroyed.", **named))
    elif review.state == "closed":
        parts += [
            text("**{title}** of {team} is closed. What came of it is in the channel.", **named),
            text("When you all have an hour: let the team mark what matters most, and write down what you find."),
            Buttons((
                Button("Make sense of it together", "findings.begin", review.id, style="primary"),
                Button("Write it up", "papers.export_review", review.id),
            )),
        ]  # fmt: skip
    else:
        parts += [
            text("**{title}** of {team} is open until **{until}**.", **named),
            text("I remind those who have not answered at half-time and the day before, and tell nobody who they are."),
            Buttons((
                Button("Keep it open longer", "reviews.extend", review.id, opens_form=True),
                Button("Close it now", "reviews.close", review.id),
                Button("Cancel it", "reviews.cancel", review.id),
                Button("Ask a guest", "reviews.invite", review.id, opens_form=True),
                *plan,
            )),
            small("Cancelling destroys every answer. I ask once more before I do either."),
        ]  # fmt: skip
        if guests:
            parts.append(small("Guests: {guests}.", guests=wording.listed(guests)))
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
            small("What somebody has typed and not sent yet goes back to them alone."),
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


def only_leads(team: Team | None, lead: Person | None) -> Message:
    """Somebody who leads no team asked for a review; `team` is theirs, `lead` who leads it now."""
    parts = [text("A team's review is started by its lead or by the learning coordinator.")]
    if lead is not None:
        parts.append(
            text("Your team's lead is {lead}. Ask them to say `review` in the team's channel.", lead=lead.name)
        )
    elif team is not None:
        parts.append(text("Nobody leads {team} just now, so ask the coordinator.", team=team.name))
    return Message("A team's review is started by its lead.", tuple(parts))


def _called(place: KnownPlace) -> str:
    return place.title or "the same channel"
