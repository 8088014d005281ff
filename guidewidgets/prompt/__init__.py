"""The prompt language: concepts joined by AND, OR and NOT.

    a fox ::1.2 AND {a beach OR a forest} AND NOT a house @left %0-0.5

* `AND`, `OR`, `NOT` are operators in capitals only. `NOT` binds tighter than `AND`, `AND` than `OR`; braces
  group; `a NOT b` is `a AND NOT b`.
* After a concept or a group, each at most once: a weight `::1.2` (or ` :1.2` at its end), relative to the
  guidance scale; a region `@left`, `@[x0,y0,x1,y1]` or `@{…}` with a region's JSON; a range of the sampling
  steps `%0-0.4`, as fractions.
* `@model:id#revision` after a concept: another loaded model says what it looks like; `gw.Prompt("a fox",
  model=engine)` writes it.
* Everything else is text, `16:9` and `(soft light)` included. Quotation marks around a whole concept make it
  literal; inside a text they stay and protect what they enclose. A backslash takes the next sign literally.

What it means (Liu et al. 2022, Compositional Visual Generation with Composable Diffusion Models): the score
is ε(∅) + s · Σ wᵢ Mᵢ (ε(cᵢ) - ε(∅)). `NOT` makes a weight negative, distributes over a group (it is not
De Morgan's) and cancels itself; `OR` draws one branch per image, with the weights of its branches as odds.
"""

from guidewidgets.prompt.concept import REGIONS, Concept
from guidewidgets.prompt.joins import And, Not, Or, Qualified
from guidewidgets.prompt.nodes import Literal, Prompt
from guidewidgets.prompt.text import PromptError

__all__ = ["REGIONS", "And", "Concept", "Literal", "Not", "Or", "Prompt", "PromptError", "Qualified"]
