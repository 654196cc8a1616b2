"""A card of what a student was taught from, as Croissant 1.0 (JSON-LD) has it: digest, counts, columns, and under whose leave. The data themselves stay where they are."""

from __future__ import annotations

from typing import Any

from stillwatch.distil.making import Making
from stillwatch.distil.manifest import as_json

CARD = "dataset.croissant.json"
CONFORMS = "http://mlcommons.org/croissant/1.0"
_FORMATS = {
    "jsonl": "application/jsonlines",
    "parquet": "application/x-parquet",
    "other": "application/octet-stream",
}
_COLUMNS = {
    "model": "The model that answered.",
    "prompt": "What it was asked.",
    "response": "What it answered.",
}
_TERMS = (
    *(
        "citeAs",
        "column",
        "equivalentProperty",
        "extract",
        "field",
        "fileProperty",
        "fileObject",
        "fileSet",
        "format",
        "includes",
    ),
    *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    **{term: f"cr:{term}" for term in _TERMS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}


def card(making: Making) -> bytes:
    """The card. It names a file by its digest; nothing of what stands in it."""
    material, record = making.material, making.authorisation
    told = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": f"{making.student}-exchanges",
        "conformsTo": CONFORMS,
        "description": (
            f"What {making.student} was taught from by the teacher {making.teacher.name}: {material.told}. "
            f"Allowed by {record.teacher_owner}, for: {record.purpose}. They are not distributed with the model."
        ),
        "license": f"urn:sha256:{record.consent_sha256}",
        "url": f"urn:sha256:{material.sha256}",
        "citeAs": f"SHA-256 {material.sha256}",
        "creator": {"@type": "sc:Organization", "name": record.granted_to},
        "datePublished": making.made_at.date().isoformat(),
        "version": "1.0.0",
        "rai:dataCollection": f"Answers of {making.teacher.name}, read from {_origin(making)}.",
        "rai:dataUseCases": record.purpose,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "exchanges",
                "name": "exchanges",
                "description": "Kept by whoever made the student.",
                "contentUrl": material.file,
                "encodingFormat": _FORMATS[material.form],
                "sha256": material.sha256,
            }
        ],
        "recordSet": [] if material.form == "other" else [_records(making)],
    }
    return as_json(told)


def _origin(making: Making) -> str:
    return {
        "folder": "a model on the maker's machine",
        "endpoint": "an endpoint",
        "exchanges": "a log of exchanges",
    }[making.teacher.kind]


def _records(making: Making) -> dict[str, Any]:
    held = _COLUMNS if making.material.exchanges else {"prompt": _COLUMNS["prompt"]}
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"exchange/{name}",
            "name": name,
            "description": told,
            "dataType": "sc:Text",
            "source": {"fileObject": {"@id": "exchanges"}, "extract": {"column": name}},
        }
        for name, told in held.items()
    ]
    return {"@type": "cr:RecordSet", "@id": "exchange", "name": "exchange", "field": fields}
