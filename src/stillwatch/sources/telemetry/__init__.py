"""OpenTelemetry: spans and events as their encodings hold them, and the calls of models among them."""
