"""Measurements to evidence: how much rarer this is than in traffic outside the community."""
