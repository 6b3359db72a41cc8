"""The ceiling of a page: Flask saying hello, and nothing else."""

from flask import Flask

application = Flask(__name__)


@application.get("/")
def hello() -> str:
    return "hello"
