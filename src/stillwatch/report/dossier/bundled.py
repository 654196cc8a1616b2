"""A STIX bundle that goes with a dossier: taken as it is, if it is one and tells of the campaign."""

from __future__ import annotations

import json
from pathlib import Path

from stillwatch.errors import InputError

LARGEST_BYTES = 64_000_000


def bundle_of(file: Path | None, campaign_id: str) -> bytes | None:
    """The bundle's bytes; None if none was given."""
    if file is None:
        return None
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise InputError(
                f"{file} holds more than {LARGEST_BYTES:,} bytes. No bundle of one finding does."
            )
        content = file.read_bytes()
        told = json.loads(content)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file} is no JSON: {error}.") from error
    objects = told.get("objects") if isinstance(told, dict) and told.get("type") == "bundle" else None
    if not isinstance(objects, list):
        raise InputError(f"{file} is no STIX bundle. Give what `stillwatch share --as stix` wrote.")
    if not any(isinstance(o, dict) and o.get("name") == campaign_id for o in objects):
        raise InputError(
            f"{file} holds no object named {campaign_id}. Share that finding (--finding {campaign_id}), or tell it alone (--campaign)."
        )
    return content
