"""What is known of actors: profiles in JSON, YAML or TOML, read, checked, imported and written."""
