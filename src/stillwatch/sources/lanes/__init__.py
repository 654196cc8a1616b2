"""Records as they mostly are, read by their types: the short way beside the full reading of `nested` and `bodies`."""
