"""What the dashboards remember: what is open to everybody, displays, bulletins, fixes."""

from evalsys.dashboards.models.boards import Board
from evalsys.dashboards.models.bulletins import Bulletin, BulletinStep
from evalsys.dashboards.models.fixes import Fix
from evalsys.dashboards.models.opened import PublicCell

__all__ = ["Board", "Bulletin", "BulletinStep", "Fix", "PublicCell"]
