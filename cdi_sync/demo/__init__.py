"""The demo registry: real councils and documented partnerships, synthetic agreements at every stage, planted faults.

It knows what it plants and never asks the engine: every fault names the rules that it breaks. Same seed, size and
day, same registry.
"""

from cdi_sync.demo.national import DemoRegistry, build

__all__ = ["DemoRegistry", "build"]
