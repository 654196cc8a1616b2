"""Records as they mostly are, their bytes walked by compiled code: the short way beside the full reading of `nested` and `bodies`."""
