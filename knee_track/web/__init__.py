"""The local web page: live check, analysis of a clip, and the results so far. Needs the extra `web`."""
