"""Findings for machines: one file a format, and the policy that decides what any of them may hold."""
