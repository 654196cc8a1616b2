"""Logs of other programs: nested records, each an envelope (who, when, where) around a body of some API's dialect."""
