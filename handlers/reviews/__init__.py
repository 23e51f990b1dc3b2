"""The team review: a team asks itself the policy's questions, each answers privately, all see what came of it."""

from handlers.registry import Conversation, command
from handlers.reviews import (
    answering,
    cards,
    closing,
    form,
    inviting,
    launch_form,
    launching,
    leading,
    releasing,
    reminding,
    starting,
    typing,
    typing_words,
)
from handlers.reviews.answering import own_card_again
from handlers.reviews.typing import follow_delete, follow_edit

__all__ = ["CONVERSATION", "follow_delete", "follow_edit", "own_card_again"]

CONVERSATION = Conversation(
    name="reviews",
    actions={
        "reviews.start": starting.start,
        "reviews.start_again": starting.start_again,
        "reviews.launch": launching.launch,
        "reviews.questions": launching.launch_with,
        "reviews.open": answering.open_answers,
        "reviews.answer": answering.answer,
        "reviews.type": typing.begin,
        "reviews.typed": typing.typed,
        "reviews.rate": typing.rate,
        "reviews.step": typing.step,
        "reviews.draft": typing.show,
        "reviews.send": typing.send,
        "reviews.discard": typing.discard,
        "reviews.release": releasing.release,
        "reviews.released": releasing.released,
        "reviews.confirm": releasing.confirm,
        "reviews.leave": releasing.leave,
        "reviews.read": answering.read_on,
        "reviews.quiet": answering.quiet,
        "reviews.invite": inviting.invite,
        "reviews.invited": inviting.invited,
        "reviews.decline": inviting.decline,
        "reviews.extend": leading.extend,
        "reviews.extended": leading.extended,
        "reviews.close": leading.close,
        "reviews.closed": leading.closed,
        "reviews.cancel": leading.cancel,
        "reviews.cancelled": leading.cancelled,
        "reviews.leave_open": leading.leave_open,
    },
    forms=(
        launch_form.LAUNCH,
        launch_form.QUESTIONS,
        form.ANSWERS,
        releasing.RELEASE,
        launch_form.GUESTS,
        launch_form.EXTEND,
    ),
    notices={
        starting.OFFER: starting.offered,
        "reviews.card": cards.card,
        "reviews.lead": cards.leads_card,
        "reviews.invitation": reminding.invitation,
        "reviews.guest": reminding.guests_invitation,
        typing_words.QUESTION: typing.question_notice,
        typing_words.DRAFT: typing.draft_notice,
        "reviews.counted": cards.counted_on,
        "reviews.half_time": reminding.half_time,
        "reviews.last_day": reminding.last_day,
        "reviews.closing": closing.closing,
        closing.CAME: closing.summary,
        closing.SAID: closing.what_people_wrote,
        "reviews.summary": closing.summary,  # as an earlier version posted them
        "reviews.words": closing.what_people_wrote,
    },
    commands=(
        command(
            r"(?:(?:start|open|begin|launch) )?(?:an? |the |our |my )?(?:new )?(?:team |yearly |annual )*review[.!]*",
            "reviews.start",
            "review",
            "start your team's review, in its channel, if you lead the team",
        ),
    ),
    recurring=(reminding.ask_newcomers, reminding.mix, closing.settle_earlier),
)
