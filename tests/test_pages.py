"""The client that looks at every page sees each kind of fault, and none on a good page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.pages import PageClient, faults_of

GOOD = """<!doctype html>
<html lang="zh-CN"><head><meta name="viewport" content="width=device-width"><title>窗口排名</title></head>
<body><h1>窗口排名</h1><h2>全部</h2>
<form><label for="from">从</label><input id="from" name="from"><label><input type="checkbox"> 全选</label>
<button aria-label="查询"><svg aria-hidden="true"><path d="M0 0"/></svg></button></form>
<a href="#from">回到查询</a><img src="/q.png" alt="二维码"></body></html>"""


def test_a_good_page_has_no_faults() -> None:
    assert faults_of(GOOD) == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<!doctype html>", "", "doctype"),
        (' lang="zh-CN"', "", "no lang"),
        ("<title>窗口排名</title>", "<title></title>", "one title"),
        ("<h1>窗口排名</h1>", "", "one <h1>"),
        ("<h2>全部</h2>", "<h1>全部</h1>", "one <h1>"),
        ("<h2>全部</h2>", "<h3>全部</h3>", "jumps from level 1 to 3"),
        ("<h2>全部</h2>", "<h2>None</h2>", "“None”"),
        ("<h2>全部</h2>", "<h2>{{ title }}</h2>", "“{{”"),
        ("<h2>全部</h2>", "<p><h2>全部</h2>", "where <p>"),
        ("<h2>全部</h2>", "<h2>全部</h3>", "</h3> found"),
        ("<h2>全部</h2>", '<h2 id="from">全部</h2>', "stands 2 times"),
        ('<label for="from">从</label>', "", "has no label"),
        ("<label><input", '<label for="to">到</label><label><input', "points to no id “to”"),
        (' aria-label="查询"', "", "says nothing"),
        ("回到查询", "", "says nothing"),
        ("#from", "#nowhere", "points to no id “nowhere”"),
        (' alt="二维码"', "", "without alt"),
        ("<form>", '<form onsubmit="go()">', "runs script"),
        ('name="viewport"', 'name="robots"', "viewport"),
    ],
)
def test_each_fault_is_seen(good: str, bad: str, said: str) -> None:
    assert good in GOOD
    assert said in "\n".join(faults_of(GOOD.replace(good, bad)))


def test_a_refused_form_says_so_in_its_title() -> None:
    assert faults_of(GOOD, status=422)
    assert not faults_of(GOOD.replace("<title>", "<title>错误:"), status=422)


def test_a_block_fetched_alone_needs_no_title() -> None:
    assert faults_of("<section><h2>三渠道</h2></section>") == []
    assert faults_of('<p id="a">一</p><p id="a">二</p>')


def test_visiting_a_faulty_page_fails_the_test() -> None:
    app = Flask(__name__)
    app.test_client_class = PageClient
    app.add_url_rule("/good", view_func=lambda: GOOD, endpoint="good")
    app.add_url_rule("/bad", view_func=lambda: GOOD.replace("<h1>", "<h2>"), endpoint="bad")
    client: FlaskClient = app.test_client()
    assert client.get("/good").status_code == 200
    with pytest.raises(AssertionError, match="/bad"):
        client.get("/bad")
