"""Field masks: what part of an answer is wanted (`fields=`), and what part of a resource an update changes."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Mask: TypeAlias = Mapping[str, "Mask"]  # name → mask below it; {} stands for all


def parse_mask(text: str) -> Mask:
    """The tree of a mask such as "sheets(properties.title,data/rowData),properties". "*" is {}."""
    raise NotImplementedError


def select(data: Any, mask: Mask) -> Any:
    """The part of an answer that a mask names."""
    raise NotImplementedError
