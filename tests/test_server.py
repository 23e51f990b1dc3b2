"""The process that serves: what it spares itself."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.server import COLLECT_AFTER, spare_the_collector


@pytest.fixture(autouse=True)
def collector_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def test_what_stays_for_good_is_looked_through_no_more_and_what_comes_later_is_still_collected() -> None:
    stays = Cycle()
    spare_the_collector()
    assert gc.get_threshold()[0] == COLLECT_AFTER
    assert not any(one is stays for one in gc.get_objects())
    gone = weakref.ref(Cycle())
    gc.collect()
    assert gone() is None
