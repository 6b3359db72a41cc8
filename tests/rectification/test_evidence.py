"""Evidence handed in with a move is kept with the step, and no rating waits while it is made harmless."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.kernel import files, writer
from evalsys.kernel.models import StoredFile
from evalsys.rectification.models import Case
from evalsys.rectification.rules.states import State
from tests.builders import a_rating, a_unit, a_window, signed_in
from tests.conftest import Inside
from tests.rectification.people import walk

SAID = {"finding": "true", "cause": "process", "measures": "已改流程", "reply": "已经改好"}


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


def test_a_rating_does_not_wait_for_pictures_that_are_looked_at(
    app: Flask, committed: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = committed(a_window)

    def rate(session: Session) -> str:
        a_unit(session, "GOV", "督查科")
        a_rating(session, window, 1, entry="ticket", evidence="B")  # type: ignore[arg-type]
        case_id, no = session.execute(select(Case.id, Case.no)).one()
        walk(session, case_id, State.RECTIFYING)
        return str(no)

    no = committed(rate)
    meanwhile: list[Any] = []

    def rate_elsewhere() -> Any:
        with app.app_context():
            return writer.run(a_rating, window, 5)  # type: ignore[arg-type]

    received = files.received

    def slowly(uploads: Any) -> Any:
        with ThreadPoolExecutor(1) as elsewhere:
            meanwhile.append(elsewhere.submit(rate_elsewhere).result())
        return received(uploads)

    monkeypatch.setattr(files, "received", slowly)
    client = signed_in(app, "owner", "TAX")
    page = client.get(f"/cases/{no}").text
    sent = dict(re.findall(r'name="(SUBMITTED-version|SUBMITTED-csrf_token)"[^>]*value="([^"]+)"', page))
    sent |= {f"SUBMITTED-{name}": value for name, value in SAID.items()}
    sent |= {"csrf_token": sent["SUBMITTED-csrf_token"]}
    upload = {"SUBMITTED-files": [(io.BytesIO(a_picture()), "整改.jpg")]}
    answer = client.post(f"/cases/{no}/steps/SUBMITTED", data={**sent, **upload})
    assert answer.status_code == 303, answer.text
    assert meanwhile[0].is_new
    assert committed(lambda session: session.scalars(select(StoredFile.kind)).all()) == ["jpg"]
