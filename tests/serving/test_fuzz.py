"""Requests made at random from the server's own OpenAPI document: no answer is 500, and all have the form it says."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi")
schemathesis = pytest.importorskip("schemathesis")

from hypothesis import HealthCheck, settings  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.serving.questions import served, vectors_of  # noqa: E402

from wordvec.serving import schemas  # noqa: E402
from wordvec.serving.application import make_app  # noqa: E402
from wordvec.serving.guards import Guard, Rules  # noqa: E402
from wordvec.serving.models import Models, ServedModel  # noqa: E402
from wordvec.serving.service import Service  # noqa: E402

other = ServedModel("other", "other.wv", vectors_of(1))
other.prepare()
service = Service(Models({"small": served(), "other": other}), draws_maps=False)
app = make_app(service)
schema = schemathesis.openapi.from_dict(app.openapi())
guarded = Guard(app, Rules(allowed_hosts=frozenset({"testserver"})))


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_is_an_error_of_the_server(case):
    answer = case.call(app=guarded, base_url="http://testserver")
    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            response_schema_conformance,
            content_type_conformance,
            status_code_conformance,
        ],
    )
    if answer.status_code >= 400:
        schemas.ErrorAnswer.model_validate(answer.json(), strict=True)
