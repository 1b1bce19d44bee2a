"""Catalog: the recipes by name."""

from __future__ import annotations

import difflib

from wordvec.errors import ConfigError
from wordvec.recipes.d2l_ptb import D2L_PTB
from wordvec.recipes.recipe import Recipe
from wordvec.recipes.text8_sgns import TEXT8_SGNS
from wordvec.recipes.tiny_softmax import TINY_SOFTMAX
from wordvec.recipes.wikitext103 import WIKITEXT103

__all__ = ["RECIPES", "recipe"]

RECIPES = {one.name: one for one in (WIKITEXT103, D2L_PTB, TEXT8_SGNS, TINY_SOFTMAX)}


def recipe(name: str) -> Recipe:
    """Look a recipe up.

    Raises:
        ConfigError: there is none of that name.

    >>> recipe("d2l-ptb").config.dim
    100
    """
    if name not in RECIPES:
        close = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(RECIPES)}"
        raise ConfigError(f"there is no recipe {name!r}; {hint}")
    return RECIPES[name]
