"""Marks in served answers: a watermark and canaries, for named account sets, under a written policy."""
