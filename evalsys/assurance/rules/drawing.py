"""抽查: which ratings of a sealed day are drawn, by its root alone, so that nobody can choose them.

Every first row of a rating has a ticket: SHA-256 over "evalsys-draw-1", the day's root in hexadecimal, and
the row's place in the day counted from 0, with a blank between. The n smallest tickets are drawn. Whoever
holds a receipt finds both root and place in its proof.
"""

import hashlib
from collections.abc import Iterable, Mapping

from evalsys.kernel.refusals import Refused
from evalsys.kernel.words import N_

FORM = "evalsys-draw-1"
MOST = 50  # ratings in one draw
USUAL = 10

KIND_WORDS: Mapping[str, str] = {
    "first": N_("评价"),
    "correction": N_("更正"),
    "again": N_("再评"),
    "follow_up": N_("追评"),
}
ENTRY_WORDS: Mapping[str, str] = {
    "tablet": N_("柜台平板"),
    "kiosk": N_("评价机"),
    "window-code": N_("窗口评价码"),
    "ticket": N_("取号单评价码"),
    "link": N_("短信链接"),
    "portal": N_("网上大厅"),
    "phone": N_("电话回访"),
    "paper": N_("纸质评价单"),
}
ORIGIN_WORDS: Mapping[str, str] = {
    "citizen": N_("群众自评"),
    "assisted": N_("群众选、导办员代点"),
    "imported": N_("导入"),
    "probe": N_("试评"),
}
HOW_WORDS: Mapping[str, str] = {
    "queue": N_("按叫号"),
    "sign-in": N_("按窗口登录"),
    "rota": N_("按排班"),
    "chosen": N_("评价人选的"),
    "conflict": N_("几处记录不一致"),
    "gap": N_("没有值班记录"),
    "mended": N_("事后更正"),
}
CAUSE_WORDS: Mapping[str, str] = {
    "person": N_("工作人员"),
    "process": N_("办理流程"),
    "guide": N_("办事指南"),
    "requirement": N_("办理要求"),
    "platform": N_("系统平台"),
}


class NotDrawn(Refused):
    """A day of which nothing can be drawn."""


def ticket(root: bytes, place: int) -> bytes:
    """The ticket of a place in a day: 32 bytes, the smaller the sooner drawn."""
    return hashlib.sha256(f"{FORM} {root.hex()} {place}".encode()).digest()


def in_order(root: bytes, places: Iterable[int]) -> list[int]:
    """The places of a day as they are drawn, the first one first."""
    return sorted(places, key=lambda place: ticket(root, place))
