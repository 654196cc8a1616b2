"""Logs to contract tables: one file a format, and what a row must satisfy."""
