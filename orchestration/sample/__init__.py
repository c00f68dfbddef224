"""The bundled sample: one year of a fictional software maker as a landing folder of raw files.

`python -m orchestration.sample OUT_FOLDER [--seed N]` writes it. The same seed gives the same
files; `seeds/sample` is what the default seed gives.
"""

from orchestration.sample.build import DEFAULT_SEED, build_sample, write_sample

__all__ = ["DEFAULT_SEED", "build_sample", "write_sample"]
