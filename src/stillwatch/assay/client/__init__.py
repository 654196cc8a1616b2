"""Asking models: over HTTP or in this process, with every answer kept."""
