"""Public names of techniques: the stillwatch catalogue (SWT) and MITRE ATLAS (AML)."""

from __future__ import annotations

from collections.abc import Mapping

from stillwatch.model.dossier import Technique
from stillwatch.report.shown import shown
from stillwatch.report.wording import listed

SWT: Mapping[str, str] = {
    "A01": "Bulk account manufacture",
    "A02": "Linked or risky payment",
    "A03": "Disposable contact identities",
    "A04": "Concession-programme abuse",
    "A05": "Stolen keys",
    "A06": "Bulk premium plans shared",
    "A07": "Region masking",
    "A08": "Pathway spread",
    "R01": "Transfer station",
    "R02": "Pool fan-in",
    "R03": "Residential exits",
    "R04": "Load balancing",
    "R05": "Hot spare pool",
    "R06": "Multi-tenant relay",
    "R07": "Client normalising",
    "R08": "Shell storefront",
    "E01": "Fixed injection for inline reasoning",
    "E02": "Reasoning after the fact",
    "E03": "Pretext",
    "E04": "Task laundering",
    "E05": "Reasoning-language coercion",
    "E06": "Reasoning-token replay",
    "E07": "Technique search",
    "E08": "Rubric grading or reward use",
    "E09": "Narrow capability sweep",
    "E10": "Alignment-behaviour harvest",
    "E11": "Reinforcement-learning task making",
    "E12": "Multimodal harvest",
    "H01": "Template with varying slot",
    "H02": "No human rhythm",
    "H03": "Zero ramp",
    "H04": "Plan mismatch",
    "H05": "Strongest-model preference",
    "H06": "Release pivot",
    "H07": "Serve and harvest",
    "H08": "Store and replay",
    "H09": "Harness targeting",
    "H10": "Clean-up loop",
    "H11": "Cross-provider harvest and grading",
    "V01": "Camouflage",
    "V02": "Low and slow",
    "V03": "Countermeasure test",
    "V04": "Block-driven failover",
    "V05": "Safeguard arbitrage",
    "V06": "Template mutation",
    "V07": "Churn",
    "S01": "Transcript purchase",
    "S02": "Relay logging and resale",
    "S03": "Free-trial bait",
    "U01": "Teacher as training infrastructure",
    "U02": "Pipeline coding help",
    "U03": "Roadmap correlation",
}

WITHOUT_SIGNAL: Mapping[str, str] = {
    "A04": "what a concession was granted for is not in the log; groups that agreements cover are told as explained, "
    "with a word if they behave as a harvest",
    "A07": "where people are, and which language they write, is no part of any judgement, so it is not measured",
    "H05": "the log does not say which of its models is the strongest; a move to a new one shows as SWT-H06",
    "H11": "that an answer to be graded came from another provider shows in what providers share, not in one log",
    "R06": "several parties on one relay are linked as clusters of their own, which share its program and exits; that they "
    "are one relay's, no signal says",
    "R08": "who owns a storefront stands in business registers; its traffic shows as that of a relay, SWT-R01",
    "S01": "transcripts that were bought leave no request",
    "S02": "what a relay sells shows elsewhere, by texts that were planted to be found again",
    "S03": "the dates of other companies' promotions are not in the log",
    "U03": "the release dates of other companies' models are not in the log, and would corroborate only",
}
"""Techniques of the stillwatch catalogue that no signal measures, and why not."""

ATLAS: Mapping[str, str] = {
    "AML.T0005.001": "Train Proxy via Replication",
    "AML.T0008.005": "AI Service Proxies",
    "AML.T0012": "Valid Accounts",
    "AML.T0021": "Establish Accounts",
    "AML.T0024": "Exfiltration via AI Inference API",
    "AML.T0024.002": "Extract AI Model",
    "AML.T0040": "AI Model Inference API Access",
    "AML.T0048.004": "AI Intellectual Property Theft",
    "AML.T0051": "LLM Prompt Injection",
    "AML.T0054": "LLM Jailbreak",
    "AML.T0065": "LLM Prompt Crafting",
}


def technique(technique_id: str) -> Technique:
    """The technique of that id; one that no catalogue of ours holds keeps its id and has no name."""
    known = SWT.get(technique_id.removeprefix("SWT-")) if technique_id.startswith("SWT-") else None
    catalogue = "MITRE ATLAS" if technique_id.startswith("AML.") else "stillwatch catalogue"
    name = known or ATLAS.get(technique_id) or "not in the catalogues known to this version"
    return Technique(shown(technique_id, 40), name, catalogue)


def out_of_sight() -> str:
    """The techniques that no scan can tell, for people."""
    return f"{listed([SWT[code].lower() for code in WITHOUT_SIGNAL])}: no log shows them."
