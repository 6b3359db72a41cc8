"""The rules say no: a refusal carries a sentence the person can act on."""


class Refused(Exception):
    """A rule's no, with a sentence in Chinese and the values that go into it.

    `status` is the HTTP status a view answers with (default 422), `details` what a system is told beside the
    sentence.
    """

    status = 422
    details: object = None

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        return self.sentence.format(**self.values) if self.values else self.sentence
