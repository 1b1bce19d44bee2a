"""A small model behind the application, asked in this process, for the tests of routes."""

from __future__ import annotations

import numpy as np
from starlette.testclient import TestClient

from wordvec import WordVectors
from wordvec.serving.application import make_app
from wordvec.serving.models import Models, ServedModel
from wordvec.serving.service import Service

WORDS = ["king", "man", "queen", "woman", "new_york", "caf\u00e9", "<b>", "tree"]
MATRIX = np.random.default_rng(4).normal(size=(len(WORDS), 6)).astype(np.float32)
COUNTS = [90, 70, 50, 40, 30, 20, 10, 1]


def vectors_of(shift: int = 0) -> WordVectors:
    """The model, or another one with the same words."""
    return WordVectors(WORDS, np.roll(MATRIX, shift, axis=0), counts=COUNTS)


def served(name: str = "small", shift: int = 0) -> ServedModel:
    """The model, ready to be asked."""
    model = ServedModel(name, f"{name}.wv", vectors_of(shift))
    model.prepare()
    return model


def service_of_models() -> Service:
    """Two models, small and other."""
    return Service(Models({"small": served(), "other": served("other", shift=1)}), agreement={"king": 0.8})


def client_of(service: Service) -> TestClient:
    """A client of the application without its guards."""
    return TestClient(make_app(service), raise_server_exceptions=False)
