"""People's own words, sealed: each person has a data key, wrapped by the organisation's master key.

AES-256-GCM with a random 96-bit nonce; the owner's id is bound in, so that one person's words cannot be passed off as
another's. Destroying a person's wrapped key makes everything sealed with it unreadable for good, backups included once
those are gone. Words that belong to nobody (an anonymous answer, a message on its way) are sealed for the organisation.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

VERSION = b"\x01"
_NONCE, _TAG = 12, 16


class Unreadable(Exception):
    """The words cannot be opened: the key was destroyed, or it is not the key they were sealed with."""


class Sealed(TypeDecorator[bytes]):
    """A column that takes only sealed bytes, so that nobody stores plain words in it by mistake."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Refuse anything that `Keyring` did not seal."""
        if value is not None and (not isinstance(value, bytes) or value[:1] != VERSION):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("only sealed words may be stored in this column")
        return value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        """The sealed bytes as they were stored."""
        return None if value is None else bytes(value)


class Keyring:
    """The master key (and, during a rotation, the earlier ones), and what can be done with it."""

    def __init__(self, masters: Sequence[bytes]) -> None:
        if not masters or any(len(master) != 32 for master in masters):
            raise ValueError("a master key is 32 bytes")
        self._masters = [AESGCM(_derived(master, b"people")) for master in masters]
        self._organisation = [AESGCM(_derived(master, b"organisation")) for master in masters]
        self._marks = [_derived(master, b"marks") for master in masters]

    @classmethod
    def from_text(cls, *encoded: str) -> "Keyring":
        """A keyring of keys written in base64. ValueError for one that is no key."""
        try:
            return cls([base64.urlsafe_b64decode(text) for text in encoded])
        except (binascii.Error, ValueError) as error:
            raise ValueError("a master key is 32 random bytes in base64; `learnbot key` prints a new one") from error

    def new_person_key(self) -> bytes:
        """A fresh data key for a person, wrapped: this is what is stored."""
        return _seal(self._masters[0], AESGCM.generate_key(256), b"person")

    @property
    def changing(self) -> bool:
        """Whether an earlier master key is still here."""
        return len(self._masters) > 1

    def rewrapped(self, wrapped: bytes) -> bytes:
        """The same data key under the present master key, after a rotation. Raises `Unreadable`."""
        return _seal(self._masters[0], _open(self._masters, wrapped, b"person"), b"person")

    def wraps_now(self, wrapped: bytes) -> bool:
        """Whether this data key is wrapped by the present master key, and needs no earlier one."""
        return _opens(self._masters[0], wrapped, b"person")

    def seal(self, person_id: int, wrapped: bytes | None, words: str) -> bytes:
        """`words` sealed for their owner. Raises `Unreadable` once the owner was erased."""
        return _seal(self._person(wrapped), words.encode(), b"%d" % person_id)

    def open(self, person_id: int, wrapped: bytes | None, sealed: bytes) -> str:
        """The words that were sealed for this person. Raises `Unreadable`."""
        return _open([self._person(wrapped)], sealed, b"%d" % person_id).decode()

    def seal_file(self, person_id: int, wrapped: bytes | None, content: bytes) -> bytes:
        """A file sealed for its owner. Raises `Unreadable` once they were erased."""
        return _seal(self._person(wrapped), content, b"file %d" % person_id)

    def open_file(self, person_id: int, wrapped: bytes | None, sealed: bytes) -> bytes:
        """The file that was sealed for this person. Raises `Unreadable`."""
        return _open([self._person(wrapped)], sealed, b"file %d" % person_id)

    def seal_for_organisation(self, words: str) -> bytes:
        """`words` that belong to no single person, sealed under the master key."""
        return _seal(self._organisation[0], words.encode(), b"organisation")

    def open_for_organisation(self, sealed: bytes) -> str:
        """The words that were sealed for the organisation. Raises `Unreadable`."""
        return _open(self._organisation, sealed, b"organisation").decode()

    def resealed_for_organisation(self, sealed: bytes) -> bytes:
        """The same words under the present master key, after a rotation. Raises `Unreadable`."""
        return _seal(self._organisation[0], _open(self._organisation, sealed, b"organisation"), b"organisation")

    def seals_now(self, sealed: bytes) -> bool:
        """Whether these words of nobody's are sealed under the present master key, and need no earlier one."""
        return _opens(self._organisation[0], sealed, b"organisation")

    def mark(self, *parts: object) -> str:
        """An unguessable mark of `parts` (43 characters): equal parts, equal mark. For addresses that hold a secret."""
        return _mark(self._marks[0], parts)

    def is_mark(self, mark: str, *parts: object) -> bool:
        """Whether `mark` was made of `parts`, under any of the keys."""
        return any(_same(mark, _mark(key, parts)) for key in self._marks)

    def person_mark(self, wrapped: bytes | None, *parts: object) -> str:
        """The same with a person's own data key: it outlives a change of the master key, and ends with the person.

        Raises `Unreadable` once they were erased.
        """
        return _mark(_derived(self._data_key(wrapped), b"marks"), parts)

    def is_person_mark(self, mark: str, wrapped: bytes | None, *parts: object) -> bool:
        """Whether `mark` was made of `parts` with this person's key; never once they were erased."""
        try:
            return _same(mark, self.person_mark(wrapped, *parts))
        except Unreadable:
            return False

    def _person(self, wrapped: bytes | None) -> AESGCM:
        return AESGCM(self._data_key(wrapped))

    def _data_key(self, wrapped: bytes | None) -> bytes:
        if wrapped is None:
            raise Unreadable("the key was destroyed")
        return _open(self._masters, wrapped, b"person")


def holds_words(sealed: bytes) -> bool:
    """Whether there are any words under this seal, told without opening it."""
    return len(sealed) > len(VERSION) + _NONCE + _TAG


def _same(mark: str, other: str) -> bool:
    """Compared in a time that does not tell how much of it is right; whatever somebody puts into an address."""
    return hmac.compare_digest(mark.encode(errors="replace"), other.encode())


def _mark(key: bytes, parts: Sequence[object]) -> str:
    message = "\x1f".join(str(part) for part in parts).encode()
    return base64.urlsafe_b64encode(hmac.digest(key, message, "sha256")).decode().rstrip("=")


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), 32, b"learnbot " + purpose).derive(hashlib.sha256(master).digest())


def _seal(key: AESGCM, words: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return VERSION + nonce + key.encrypt(nonce, words, bound)


def _open(keys: Sequence[AESGCM], sealed: bytes, bound: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise Unreadable("these are no sealed words")
    for key in keys:
        try:
            return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], bound)
        except (InvalidTag, ValueError):  # ValueError: cut off
            continue
    raise Unreadable("these words were sealed with another key")


def _opens(key: AESGCM, sealed: bytes, bound: bytes) -> bool:
    try:
        _open([key], sealed, bound)
    except Unreadable:
        return False
    return True
