"""What a night's process has imported, and parsed, before it is forked."""

import orchestration.definitions
import orchestration.run
import orchestration.transform.progress  # noqa: F401
