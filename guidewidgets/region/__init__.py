"""Areas of an image: points with a radius, a box, a polygon or a bitmap.

A `Region` is the only way an area crosses a module, the wire, the session's store or a prompt (`@` in the
prompt language). It lives in the unit square: x to the right, y down, (0, 0) the image's top left corner, so
that one region serves the latent, the preview and the full image. A point (u, v) is at (u·W - 0.5, v·H - 0.5)
in pixels of an H × W raster, whose pixel (row i, column j) has its centre at ((j + 0.5)/W, (i + 0.5)/H).
"""

from guidewidgets.region.base import Region
from guidewidgets.region.checks import MAX_POINTS
from guidewidgets.region.shapes import Bitmap, Box, Discs, Polygon

__all__ = ["MAX_POINTS", "Bitmap", "Box", "Discs", "Polygon", "Region"]
