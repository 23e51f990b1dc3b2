"""Notes on an interview: a half that both see and the other can agree with, and a half that stays the author's own."""

import re
from dataclasses import replace

from bot.chat import Event, FixAnswers, Form, Message, OpenForm, Replace, Reply, Say, text
from handlers.interviews import cards, form, words
from handlers.interviews.remembered import note_stamp
from handlers.turn import Turn
from storage import interview_cards, interviews, outbox
from storage.models import Interview, InterviewNote

LONGEST_NOTE = 4_000  # characters, for each half
_PRIVATE = re.compile(
    r"\s*(?:private(?:ly)?|only for me|for me only)\s*[:–-]\s*(?P<words>.*)", re.IGNORECASE | re.DOTALL
)


def note(turn: Turn, event: Event) -> Reply:
    """Keep what was typed in answer, or open the form for both halves.

    What begins with "private:" goes to the author's own half, anything else to the one that both see.
    """
    if event.kind != "say":
        return OpenForm(_note_form(turn, turn.session.get_one(Interview, event.about)))
    interview = interviews.locked(turn.session, event.about)
    private = _PRIVATE.fullmatch(event.text)
    said = (private["words"] if private else event.text).strip()
    if problem := _problem(said):
        return Say(Message(problem, (text("{problem}", problem=problem),)), private=True)
    if private:
        _keep(turn, interview, private=said)
        line = "Noted, for you alone."
    else:
        line = _keep(turn, interview, shared=said) or "Noted, for you both."
    return Say(cards.shown(turn, interview, line=line), private=True)


def noted(turn: Turn, event: Event) -> Reply:
    """Keep the two halves that were filled in."""
    interview = interviews.locked(turn.session, event.about)
    shared, private = (event.answers.get(name, "").strip() for name in ("words", "private"))
    problems = {
        name: problem
        for name, said in (("words", shared), ("private", private))
        if said and (problem := _problem(said))
    }
    if not shared and not private:
        problems = {"words": _problem("")}
    if problems:
        return FixAnswers(_note_form(turn, interview).filled(event.answers), problems)
    return Replace(cards.shown(turn, interview, line=_keep(turn, interview, shared=shared, private=private)))


def no_note(turn: Turn, event: Event) -> Reply:
    """No note is fine: one without words is kept, so that nobody is asked for it again."""
    interview = interviews.locked(turn.session, event.about)
    if interviews.note_by(turn.session, interview.id, turn.person.id) is None:
        _keep(turn, interview, shared="")
    return Replace(cards.shown(turn, interview))


def agree(turn: Turn, event: Event) -> Reply:
    """Agree with the other's note, as it was shown on the button's card."""
    interview = interviews.locked(turn.session, event.about)
    theirs = interviews.note_by(turn.session, interview.id, words.other_of(turn, interview).id)
    if theirs is None or event.value != note_stamp(theirs):
        return Replace(cards.shown(turn, interview, line="The note has changed in the meantime. It is now:"))
    if theirs.agreed_at is None:
        theirs.agreed_at = turn.now
        interview_cards.show_afresh(turn.session, interview, turn.now)
    return Replace(cards.shown(turn, interview))


def changed_notice(turn: Turn, about: int | None) -> Message | None:
    """That a note which the reader had agreed with says something else now; None once they agreed with that, too."""
    interview = turn.session.get(Interview, about)
    if interview is None:
        return None
    other = words.other_of(turn, interview)
    theirs = interviews.note_by(turn.session, interview.id, other.id)
    if theirs is None or theirs.agreed_at is not None:
        return None
    line = f"{words.first(other)} has changed the note that you agreed with. Do you agree with it as it is now?"
    whole = cards.shown(turn, interview)
    return replace(whole, summary=line, parts=(text("{line}", line=line), *whole.parts))


def is_private(said: str) -> bool:
    """Whether somebody typed it for themselves alone."""
    return _PRIVATE.fullmatch(said) is not None


def _problem(said: str) -> str:
    if not said:
        return "Write a few words, or leave the note out."
    return f"A note has at most {LONGEST_NOTE:,} characters." if len(said) > LONGEST_NOTE else ""


def _keep(turn: Turn, interview: Interview, *, shared: str | None = None, private: str | None = None) -> str:
    """Keep these halves (None: as it was). What to say about an agreement that this ended; "" when it ended none."""
    known = interviews.note_by(turn.session, interview.id, turn.person.id)
    if known is None:
        known = InterviewNote(
            interview_id=interview.id, author_id=turn.person.id, words=turn.seal(shared or ""), written_at=turn.now
        )
        turn.session.add(known)
        voided = False
    else:
        voided = shared is not None and _changed(turn, interview, known, shared)
    if private is not None:
        known.private = turn.seal(private) if private else None
    turn.session.flush()
    outbox.answered(turn.session, "interviews.note", interview.id, turn.person.id, turn.now)
    other = words.other_of(turn, interview)
    if voided:
        interview.version += 1
    interview_cards.show_afresh(turn.session, interview, turn.now)
    if not voided:
        return ""
    interview_cards.tell(turn.session, interview, other.id, turn.now, "interviews.note_changed")
    return f"Changed. {words.first(other)} had agreed with the words before, and is asked about these."


def _changed(turn: Turn, interview: Interview, known: InterviewNote, shared: str) -> bool:
    """Put these words in place of those there were; whether the other had agreed with those."""
    if shared == turn.read(turn.person.id, known.words, "interview", interview.id):
        return False
    agreed, known.agreed_at = known.agreed_at is not None, None
    known.words, known.written_at = turn.seal(shared), turn.now
    return agreed


def _note_form(turn: Turn, interview: Interview) -> Form:
    asked = form.about(form.NOTE, interview.id)
    known = interviews.note_by(turn.session, interview.id, turn.person.id)
    if known is None:
        return asked
    if known.agreed_at is not None:
        other = words.first(words.other_of(turn, interview))
        asked = replace(asked, intro=(text("{other} agreed with your note. If you change it, I’ll ask {other} again.",
                                           other=other),))  # fmt: skip
    halves = {"words": known.words, "private": known.private}
    return asked.filled(
        {
            name: turn.read(turn.person.id, sealed, "interview", interview.id) if sealed is not None else ""
            for name, sealed in halves.items()
        }
    )
