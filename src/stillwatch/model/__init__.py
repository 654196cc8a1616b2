"""The nouns: tables, findings and the dossier. Imports nothing of ours but errors."""
