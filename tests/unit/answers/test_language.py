"""Words as the checks see them."""

from itertools import product

from shared.answers.language import akin, kin

STEMS = ["".join(letters) for length in range(1, 8) for letters in product("ab", repeat=length)]


def test_kin_are_those_who_are_akin() -> None:
    """Looked up or compared one by one, it comes to the same: for all stems of two letters, up to seven."""
    for number, term in enumerate(STEMS):
        others = tuple(STEMS[(number * 7 + step * 31) % len(STEMS)] for step in range(3))
        assert (term in kin(others)) == any(akin(term, other) for other in others), (term, others)
        assert [one for one in STEMS if one in kin((term,))] == [one for one in STEMS if akin(one, term)]
