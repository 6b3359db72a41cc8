"""What is written where nobody measures: Flask-WTF with a session, the ORM, three upserts, a commit each.

A rating is validated by a form with CSRF, inserted through the ORM, and added to three tables of sums by
upserts built for each request, in one durable transaction of its own. It keeps tables of its own.
"""

import json
import os
import secrets
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from flask import Flask, redirect, render_template_string
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from sqlalchemy import Date, DateTime, ForeignKey, Integer, String, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from evalsys.kernel.database import sqlite_library

SHANGHAI = timezone(timedelta(hours=8))
FOLDER = Path(os.environ["BENCHMARK_FOLDER"])
ADDRESS = os.environ["BENCHMARK_DATABASE"]
LEVELS = {"5": "非常满意", "4": "满意", "3": "基本满意", "2": "不满意", "1": "非常不满意"}
TAGS = {"1": "态度不好", "2": "等得太久", "3": "说不清楚", "4": "要多跑"}
PAGE = """<!doctype html><html lang="zh"><title>评价</title>
<form method="post">{{ form.hidden_tag() }}{{ form.level.label }}{{ form.level }}
{{ form.tags }}{{ form.text }}<button>提交</button></form></html>"""


class Base(DeclarativeBase):
    """The declarative base."""


db = SQLAlchemy(model_class=Base)


class Window(db.Model):  # type: ignore[name-defined,misc]
    """A window and its code."""

    __tablename__ = "naive_windows"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    unit_id: Mapped[int]


class Duty(db.Model):  # type: ignore[name-defined,misc]
    """Who sits at a window: the product's own table."""

    __tablename__ = "duties"
    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int]
    staff_id: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Rating(db.Model):  # type: ignore[name-defined,misc]
    """One rating with its key, its receipt and whose work it was."""

    __tablename__ = "naive_ratings"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    receipt: Mapped[str] = mapped_column(String(32), unique=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("naive_windows.id"), index=True)
    unit_id: Mapped[int]
    staff_id: Mapped[int | None]
    level: Mapped[int]
    channel: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(150))
    day: Mapped[date] = mapped_column(index=True)
    at: Mapped[datetime]


LEVEL_COUNTS = [f"{kind}{n}" for kind in ("n", "held", "excluded", "unscored") for n in (5, 4, 3, 2, 1)]
COUNTS = [*LEVEL_COUNTS, "bound", "assisted", "done_yes", "done_no", "done_asking"]


def _sums(name: str, *keys: str) -> type[Any]:
    """A table of as many counts as the product's, by a day, a channel and more keys."""
    columns: dict[str, Any] = {key: mapped_column(Integer, primary_key=True, default=0) for key in keys}
    columns |= {count: mapped_column(Integer) for count in COUNTS}
    columns["day"] = mapped_column(Date, primary_key=True)
    columns["channel"] = mapped_column(String(20), primary_key=True)
    return type(name, (db.Model,), {"__tablename__": name, **columns})


WindowSum = _sums("naive_window_sums", "window_id", "unit_id")
StaffSum = _sums("naive_staff_sums", "staff_id", "unit_id")
UnitSum = _sums("naive_unit_sums", "unit_id")


class RatingForm(FlaskForm):
    """Five levels, tags, words, and the key of the form."""

    level = RadioField("评价", [InputRequired()], choices=[SelectChoice(*pair) for pair in LEVELS.items()])
    tags = SelectMultipleField("原因", choices=[SelectChoice(*pair) for pair in TAGS.items()])
    text = TextAreaField("留言", [Length(max=150)])
    key = HiddenField("key", [InputRequired(), Length(min=16, max=64)])


def create_app() -> Flask:
    """The application, its tables made and its windows known."""
    app = Flask(__name__)
    options: dict[str, Any] = {}
    address = ADDRESS
    if not ADDRESS.startswith("postgresql"):
        address = f"sqlite:///{ADDRESS}"
        options = {"module": sqlite_library(), "connect_args": {"timeout": 30}}
    app.config.update(
        SECRET_KEY="benchmark", SQLALCHEMY_DATABASE_URI=address, SQLALCHEMY_ENGINE_OPTIONS=options
    )
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _durable)
        db.create_all()
        if not db.session.scalar(select(func.count()).select_from(Window)):
            for code, (window, _, unit) in json.loads(os.environ["BENCHMARK_PLACES"]).items():
                db.session.add(Window(id=window, code=code, unit_id=unit))
            db.session.commit()
        db.engine.dispose()
    app.add_url_rule("/q/<code>", "rate", rate, methods=["GET", "POST"])
    return app


def _durable(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def rate(code: str) -> ResponseReturnValue:
    """Show the form, or store what was sent."""
    window = db.first_or_404(select(Window).where(Window.code == code))
    form = RatingForm()
    if not form.validate_on_submit():
        form.key.data = secrets.token_urlsafe(24)
        return render_template_string(PAGE, form=form), 422 if form.is_submitted() else 200
    now, level = datetime.now(UTC), int(form.level.data)
    rating = Rating(
        key=form.key.data,
        receipt=secrets.token_hex(8),
        window_id=window.id,
        unit_id=window.unit_id,
        staff_id=_on_duty(window.id, now),
        level=level,
        channel="on-the-go",
        text=form.text.data or "",
        day=now.astimezone(SHANGHAI).date(),
        at=now.replace(tzinfo=None),
    )
    db.session.add(rating)
    db.session.flush()
    _add(WindowSum, rating, window_id=window.id, unit_id=window.unit_id)
    _add(StaffSum, rating, staff_id=rating.staff_id or 0, unit_id=window.unit_id)
    _add(UnitSum, rating, unit_id=window.unit_id)
    receipt = rating.receipt
    db.session.commit()
    return redirect(f"/receipt/{receipt}", 303)


def _on_duty(window_id: int, now: datetime) -> int | None:
    query = select(Duty).where(Duty.window_id == window_id, Duty.starts_at <= now, Duty.ends_at > now)
    duty = db.session.scalars(query).first()
    return duty.staff_id if duty else None


def _add(model: type[Any], rating: Rating, **keys: int) -> None:
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    cell = {"day": rating.day, "channel": rating.channel, **keys}
    counts = dict.fromkeys(COUNTS, 0) | {f"n{rating.level}": 1}
    statement = insert(model).values(**cell, **counts)
    more = {count: getattr(model, count) + statement.excluded[count] for count in COUNTS}
    db.session.execute(statement.on_conflict_do_update(index_elements=list(cell), set_=more))


def close() -> None:
    """Let go of the database."""
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


application = create_app()
