"""The dossier for people, and the files of a scan's result."""
