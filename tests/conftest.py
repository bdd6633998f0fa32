"""How Hypothesis runs: at random here, the same each time in CI, `quick` while working."""

import os

from hypothesis import Phase, settings

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile(
    "quick", deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
settings.load_profile("ci" if os.environ.get("CI") else "default")
