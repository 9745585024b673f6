"""Which index a question is put to, while another one is switched to."""

import pytest

from shared.errors import Unavailable
from shared.search.answering import AnsweringIndex, Space
from tests.fakes.search import FakeFinder


class Model:
    """Vectors that name their model."""

    def __init__(self, number: float) -> None:
        self.number, self.questions = number, 0

    async def query(self, text: str) -> list[float]:
        """One number, whatever the text."""
        assert text
        self.questions += 1
        return [self.number]


class Said:
    """What the store says, the same to all instances."""

    name = ""

    async def answering(self) -> str:
        """The space that answers."""
        return self.name


def instances(
    store: Said, count: int
) -> tuple[dict[str, Model], dict[str, FakeFinder], list[AnsweringIndex]]:
    """Instances of chat over two indexes."""
    models = {"old": Model(1.0), "new": Model(2.0)}
    finders = {"old": FakeFinder(), "new": FakeFinder()}
    spaces = {name: Space(models[name], finders[name], 1) for name in models}
    return models, finders, [AnsweringIndex(spaces, store) for _ in range(count)]


async def test_a_switch_holds_for_every_instance_at_once() -> None:
    """Vector and index belong together at every question: before, at the first after it, and going back."""
    store = Said()
    models, finders, all_instances = instances(store, 3)
    for name, number, embedded in (("", 1.0, 1), ("new", 2.0, 2), ("new", 2.0, 1), ("old", 1.0, 2)):
        store.name = name
        for one in all_instances:
            before = sum(model.questions for model in models.values())
            vector, finder = await one.embedded("How long?")
            assert vector == [number]
            assert finder is finders[name or "old"]
            assert sum(model.questions for model in models.values()) - before == embedded
        assert (await all_instances[0].now()).finder is finders[name or "old"]


async def test_an_index_that_is_not_set_is_not_guessed() -> None:
    """The settings lack the index that answers: no other one is asked in its place."""
    store = Said()
    store.name = "third"
    _, _, (one,) = instances(store, 1)
    with pytest.raises(Unavailable):
        await one.embedded("How long?")
    with pytest.raises(Unavailable):
        await one.now()
