"""Counting a record as evidence: by ticking what fits its words, by typing part of a statement, by looking through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Message,
    OpenForm,
    Part,
    Quote,
    Replace,
    Reply,
    Say,
    Text,
    numbered,
    small,
    text,
)
from bot.chat import several as chosen
from bot.errors import NotYours
from handlers.registry import Belonging, Notice
from handlers.standards import fitting, form, words
from handlers.standards.form import Tagging
from handlers.standards.mine import LEVELS, Mine, Said, mine, said_in, statement
from handlers.standards.reviewing import keep, review_for
from handlers.turn import Turn
from storage import evidence, outbox, self_reviews, sharing
from storage.evidence import Counted
from storage.models import Evidence, Standard, StandardItem

LONGEST_TYPED = 200
MOST_OFFERED = 40  # statements to tick at once


@dataclass(frozen=True)
class Counting:
    """The handlers, which know every kind of record that somebody can own, and its card, by its name."""

    keeps: Mapping[str, Belonging]
    cards: Mapping[str, Notice]

    # ------------------------------------------------------------------------------------------------- to count

    def tag(self, turn: Turn, event: Event) -> Reply:
        """Offer the statements that a record of one's own counts for, and those that fit its words."""
        kind, about = self._record(turn, event)
        own = mine(turn)
        counted = self._counted(turn, own, kind, about)
        said = _own_words(self.keeps[kind].shown(turn, about))
        fitting_ids = fitting.suggested(own.searched(), said)
        offered = _in_order(own, {*counted, *fitting_ids})
        tagging = Tagging(kind, tuple(counted))
        line = "" if fitting_ids or counted else "Nothing in it sounds like a statement of yours, so choose."
        return OpenForm(form.tag(about, tagging, own, offered, counted, line))

    def tagged(self, turn: Turn, event: Event) -> Reply:
        """Save what was ticked; where something was typed or an area chosen, offer what that finds first."""
        kind, about = self._record(turn, event)
        own, tagging = mine(turn), Tagging.read(event.value)
        known = {item.id for item in own.statements}
        ticked = [one for one in map(numbered, chosen(event.answers.get(tagging.field("which"), ""))) if one in known]
        typed = event.answers.get(tagging.field("typed"), "").strip()[:LONGEST_TYPED]
        area = event.answers.get(tagging.field("area"), "")
        if typed or area:
            return self._look_further(own, about, tagging, ticked, typed, area)
        evidence.count_no_longer(turn.session, turn.person.id, kind, about, set(tagging.before) - set(ticked))
        evidence.count_for(turn.session, turn.person.id, kind, about, ticked, turn.now)
        return self._card(turn, kind, about)

    def _look_further(
        self, own: Mine, about: int, tagging: Tagging, ticked: Sequence[int], typed: str, area: str
    ) -> Reply:
        """The form once more, with what was ticked and what was found: nothing counts that was not ticked."""
        further = Tagging(tagging.kind, tagging.before, tagging.round + 1)
        ids = set(ticked)
        looked = [item.id for one in own.areas if str(one.item.id) == area for item in one.statements]
        found = fitting.found(own.searched(), typed) if typed else []
        ids.update(found, looked[:MOST_OFFERED])
        if typed and not found:
            line = f"No statement says “{typed}”. Try another word of it, or its code."
        else:
            line = "Tick what it shows, then save."
        return OpenForm(form.tag(about, further, own, _in_order(own, ids), ticked, line))

    def untag(self, turn: Turn, event: Event) -> Reply:
        """It counts no longer; the record itself stays."""
        counted = turn.session.get_one(Evidence, event.about)
        item = turn.session.get_one(StandardItem, counted.item_id)
        outbox.refresh(turn.session, self.keeps[counted.kind].card, counted.about, turn.now, to=turn.person.id)
        turn.session.delete(counted)
        turn.session.flush()
        return Replace(self._statement(turn, item))

    # ------------------------------------------------------------------------------------------------- to look

    def show_statement(self, turn: Turn, event: Event) -> Reply:
        """A statement with what counts for it."""
        return Say(self._statement(turn, statement(turn, event.subject)), private=True)

    def evidence_for(self, turn: Turn, event: Event) -> Reply:
        """`evidence for listening`: the statement that was meant, or those that it could be."""
        own, typed = mine(turn), event.words.get("words", "").strip(" .?!“”\"'")[:LONGEST_TYPED]
        found = fitting.found(own.searched(), typed)
        if not found:
            return Say(words.none_fits(own, typed), private=True)
        by_id = {item.id: item for item in own.statements}
        if len(found) > 1:
            return Say(words.several([by_id[one] for one in found], typed), private=True)
        return Say(self._statement(turn, by_id[found[0]]), private=True)

    def see(self, turn: Turn, event: Event) -> Reply:
        """How one sees oneself in one statement, and why."""
        item = statement(turn, event.about)
        return OpenForm(form.see(item, self._said(turn, item)))

    def seen(self, turn: Turn, event: Event) -> Reply:
        """Save that, and show the statement."""
        item = statement(turn, event.about)
        level, why = event.answers.get("level", ""), event.answers.get("words", "").strip()
        if level not in LEVELS:
            return FixAnswers(form.see(item, Said()).filled(event.answers), {"level": "Choose one of the three first."})
        said = Said(level, why[: form.LONGEST_WORDS])
        keep(turn, review_for(turn, item), item, said)
        return Replace(self._statement(turn, item))

    # ------------------------------------------------------------------------------------------------- the parts

    def _record(self, turn: Turn, event: Event) -> tuple[str, int]:
        kind = Tagging.read(event.value).kind
        if event.about is None or kind not in self.keeps:
            raise NotYours
        return kind, event.about

    def _counted(self, turn: Turn, own: Mine, kind: str, about: int) -> list[int]:
        """What it counts for in the version that is in force; what counted for an earlier one stays as it is."""
        counted = evidence.of_record(turn.session, turn.person.id, kind, about)
        return [one.item.id for one in counted if one.standard.id == own.standard.id]

    def _card(self, turn: Turn, kind: str, about: int) -> Reply:
        """The record's own card, which says what it counts for."""
        belonging = self.keeps[kind]
        outbox.refresh(turn.session, belonging.card, about, turn.now, to=turn.person.id)
        card = self.cards[belonging.card](turn, about)
        return Replace(card) if card is not None else Say(Message("Saved.", (small("Saved."),)), private=True)

    def _statement(self, turn: Turn, item: StandardItem) -> Message:
        standard = turn.session.get_one(Standard, item.standard_id)
        counted = evidence.of_statement(turn.session, turn.person.id, standard.key, item.code)
        records: list[Part] = []
        for one in counted[: words.SHOWN]:
            records += self._shown(turn, one, standard)
        if len(counted) > words.SHOWN:
            records.append(small("And {count} more.", count=len(counted) - words.SHOWN))
        own = mine(turn)
        mark = own.mark(item) if own.standard.id == standard.id else ""
        return words.statement(item, standard, mark, self._said(turn, item), records, len(counted))

    def _shown(self, turn: Turn, one: Counted, standard: Standard) -> list[Part]:
        """A record by its title, and for which version it counts when that is an earlier one."""
        kind, about = one.evidence.kind, one.evidence.about
        belonging = self.keeps.get(kind)
        if belonging is None or sharing.owner_of(turn.session, kind, about) != turn.person.id:
            return []
        earlier = f" (counted for version {one.standard.version})" if one.standard.id != standard.id else ""
        title = belonging.title(turn, about)
        return [
            text("{title}{earlier}", title=title[0].upper() + title[1:], earlier=earlier),
            Buttons((Button("Open", belonging.open, about), Button("Take out", "standards.untag", one.evidence.id))),
        ]

    def _said(self, turn: Turn, item: StandardItem) -> Said:
        standard = turn.session.get_one(Standard, item.standard_id)
        review = self_reviews.open_of(turn.session, turn.person.id, standard.id)
        review = review or self_reviews.latest_finished(turn.session, turn.person.id, standard.key)
        return Said() if review is None else said_in(turn, review).get(item.id, Said())


def _own_words(parts: Sequence[Part]) -> str:
    """What its owner said in a record, without what the bot says around it: “time” is in every line about time."""
    quoted = [part.words for part in parts if isinstance(part, Quote)]
    return "\n".join([part.plain() for part in parts if isinstance(part, Text) and not part.small] + quoted)


def _in_order(own: Mine, ids: set[int]) -> list[StandardItem]:
    return [item for item in own.statements if item.id in ids]
